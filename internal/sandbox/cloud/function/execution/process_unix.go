// SPDX-License-Identifier: MPL-2.0

//go:build unix

package execution

import (
	"errors"
	"os/exec"
	"syscall"
)

// ownGroup starts the command in its own process group, so that its children are killed with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup kills the command's process group. It is no error if the group has already ended.
func killGroup(cmd *exec.Cmd) error {
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
