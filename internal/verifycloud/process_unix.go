// SPDX-License-Identifier: MPL-2.0

//go:build unix

package verifycloud

import (
	"errors"
	"os"
	"syscall"
)

// isRunning tells whether another process with this id runs.
func isRunning(id int) bool {
	err := syscall.Kill(id, 0)
	return id != os.Getpid() && (err == nil || errors.Is(err, syscall.EPERM))
}
