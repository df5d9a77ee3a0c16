// SPDX-License-Identifier: MPL-2.0

//go:build unix

package execution

import (
	"errors"
	"os/exec"
	"syscall"
)

// ownGroup makes the command the head of a process group of its own, so that what it starts ends with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup kills the command's process group. One that has ended already is no error.
func killGroup(cmd *exec.Cmd) error {
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
