package main

import "os"

// peakOf is not known here.
func peakOf(*os.ProcessState) float64 { return 0 }
