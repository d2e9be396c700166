// Command go-tuf-reader-2 is the client of go-tuf v2.
package main

import (
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/config"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"

	"tufkeep.invalid/reading"
)

func main() { reading.Answer(open) }

const address = "https://repository.invalid"

type fetcher map[string][]byte

func (files fetcher) DownloadFile(url string, maxLength int64, _ time.Duration) ([]byte, error) {
	found, ok := files[strings.TrimPrefix(url, address+"/")]
	if !ok {
		return nil, &metadata.ErrDownloadHTTP{StatusCode: 404, URL: url}
	}
	if int64(len(found)) > maxLength {
		return nil, &metadata.ErrDownloadLengthMismatch{Msg: url}
	}
	return found, nil
}

func open(found reading.Case) (reading.Lookup, error) {
	var client *updater.Updater
	for _, files := range found.Rounds {
		var err error
		if client, err = refreshed(found.Root, found.State, files); err != nil {
			return nil, err
		}
	}
	return func(path string) (*reading.Target, error) {
		info, err := client.GetTargetInfo(path)
		if err != nil {
			if strings.HasSuffix(err.Error(), "not found") {
				return nil, nil
			}
			return nil, err
		}
		return &reading.Target{Length: info.Length, Hashes: inHex(info.Hashes)}, nil
	}, nil
}

// refreshed returns a new client that goes on from what is in the folder.
func refreshed(root []byte, state string, files map[string][]byte) (*updater.Updater, error) {
	settings, err := config.New(address, root)
	if err != nil {
		return nil, err
	}
	settings.Fetcher = fetcher(files)
	settings.LocalMetadataDir, settings.LocalTargetsDir = state, state
	client, err := updater.New(settings)
	if err != nil {
		return nil, err
	}
	return client, client.Refresh()
}

func inHex(hashes metadata.Hashes) map[string]string {
	text := map[string]string{}
	for name, value := range hashes {
		text[name] = value.String()
	}
	return text
}
