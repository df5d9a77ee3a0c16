// SPDX-License-Identifier: MPL-2.0

//go:build unix

package workspace

import (
	"os/exec"
	"syscall"
)

// apart protects a command from the terminal's Ctrl-C. The command gets the interrupt from this process. Two interrupts make terraform exit
// without writing its state.
func apart(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
