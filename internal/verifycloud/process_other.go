// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package verifycloud

import "os"

// isRunning reports whether another process with this id is running.
func isRunning(id int) bool {
	process, err := os.FindProcess(id)
	if err != nil {
		return false
	}
	_ = process.Release() // it was looked for only
	return id != os.Getpid()
}
