// Package reading asks a TUF client what it reads in a repository: one case a line on standard input, one reading a line
// on standard output.
package reading

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Case is one repository with the root that its client begins with.
type Case struct {
	Root    []byte              `json:"root"`
	Rounds  []map[string][]byte `json:"rounds"` // the files as served by name, for one refresh after the other
	Targets []string            `json:"targets"`
	State   string              `json:"-"` // an empty folder, for as long as the case is read
}

// Target is what a client takes for the artifact of one path.
type Target struct {
	Length int64             `json:"length"`
	Hashes map[string]string `json:"hashes"`
}

// Reading is what one client makes of a case.
type Reading struct {
	Refused string             `json:"refused,omitempty"` // why it does not trust the repository
	Targets map[string]*Target `json:"targets"`           // null where it finds none
	Errors  map[string]string  `json:"errors"`            // paths that it can't decide about
}

// Lookup returns what a client takes for one path; a nil target is not listed.
type Lookup func(path string) (*Target, error)

// Open lets a client trust a repository.
type Open func(Case) (Lookup, error)

// Answer reads every case that comes in.
func Answer(open Open) {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var found Case
		if err := json.Unmarshal(line, &found); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := answers.Encode(read(found, open)); err != nil {
			os.Exit(1)
		}
	}
}

// read never fails: a client that panics has refused.
func read(found Case, open Open) (reading Reading) {
	defer func() {
		if fault := recover(); fault != nil {
			reading = Reading{Refused: fmt.Sprint("panic: ", fault)}
		}
	}()
	state, err := os.MkdirTemp("", "go-tuf-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(state)
	found.State = state
	target, err := open(found)
	if err != nil {
		return Reading{Refused: err.Error()}
	}
	reading = Reading{Targets: map[string]*Target{}, Errors: map[string]string{}}
	for _, path := range found.Targets {
		listed, err := target(path)
		if err != nil {
			reading.Errors[path] = err.Error()
		} else {
			reading.Targets[path] = listed
		}
	}
	return reading
}
