module tufkeep.invalid/go-tuf-reader-0

go 1.18

require (
	github.com/theupdateframework/go-tuf v0.5.2
	tufkeep.invalid/reading v0.0.0
)

require github.com/secure-systems-lab/go-securesystemslib v0.4.0 // indirect

replace tufkeep.invalid/reading => ../reading
