// SPDX-License-Identifier: MPL-2.0

//go:build unix

package verifycloud

import (
	"errors"
	"os"
	"syscall"
)

// isRunning reports whether another process with this id is running.
func isRunning(id int) bool {
	err := syscall.Kill(id, 0)
	return id != os.Getpid() && (err == nil || errors.Is(err, syscall.EPERM))
}
