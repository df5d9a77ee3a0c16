// SPDX-License-Identifier: MPL-2.0

//go:build unix

package workspace

import (
	"os/exec"
	"syscall"
)

// apart keeps a terminal's Ctrl-C from a command, which gets the interrupt from us. Two interrupts make terraform exit without writing
// its state.
func apart(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
