// Command go-tuf-reader-0 is the client of go-tuf v0.5.2.
package main

import (
	"bytes"
	"errors"
	"io"

	"github.com/theupdateframework/go-tuf/client"
	"github.com/theupdateframework/go-tuf/data"

	"tufkeep.invalid/reading"
)

func main() { reading.Answer(open) }

type served map[string][]byte

func (files served) GetMeta(name string) (io.ReadCloser, int64, error) {
	found, ok := files[name]
	if !ok {
		return nil, 0, client.ErrNotFound{File: name}
	}
	return io.NopCloser(bytes.NewReader(found)), int64(len(found)), nil
}

func (files served) GetTarget(path string) (io.ReadCloser, int64, error) {
	return files.GetMeta("targets/" + path)
}

func open(found reading.Case) (reading.Lookup, error) {
	state := client.MemoryLocalStore()
	var updater *client.Client
	for round, files := range found.Rounds {
		updater = client.NewClient(state, served(files))
		if round == 0 {
			if err := updater.Init(found.Root); err != nil {
				return nil, err
			}
		}
		if _, err := updater.Update(); err != nil {
			return nil, err
		}
	}
	return func(path string) (*reading.Target, error) {
		meta, err := updater.Target(path)
		if errors.As(err, &client.ErrUnknownTarget{}) || errors.As(err, &client.ErrNotFound{}) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return &reading.Target{Length: meta.Length, Hashes: inHex(meta.Hashes)}, nil
	}, nil
}

func inHex(hashes data.Hashes) map[string]string {
	text := map[string]string{}
	for name, value := range hashes {
		text[name] = value.String()
	}
	return text
}
