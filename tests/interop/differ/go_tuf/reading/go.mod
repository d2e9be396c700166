module tufkeep.invalid/reading

go 1.18
