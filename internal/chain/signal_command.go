// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"regexp"
	"strings"
)

// plain matches what no shell changes.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// SignalCommand returns the command that reports the success of a step that waits for a signal, for a shell.
func SignalCommand(chain, step string) string {
	return "qlik-chain signal " + shellQuoted(chain) + " " + shellQuoted(step)
}

// shellQuoted returns an argument of a command as a POSIX shell takes it.
func shellQuoted(argument string) string {
	if plain.MatchString(argument) {
		return argument
	}
	return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
}
