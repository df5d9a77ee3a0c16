// SPDX-License-Identifier: MPL-2.0

// Package elftest builds minimal executables that contain only an ELF header for a machine.
package elftest

import (
	"debug/elf"
	"encoding/binary"
)

// Header returns the beginning of a little-endian 64 bit ELF executable for a machine.
func Header(machine elf.Machine) []byte {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(header[16:], uint16(elf.ET_EXEC))
	binary.LittleEndian.PutUint16(header[18:], uint16(machine))
	binary.LittleEndian.PutUint32(header[20:], 1)
	binary.LittleEndian.PutUint16(header[52:], 64) // size of this header
	binary.LittleEndian.PutUint16(header[58:], 64) // size of a section header
	return header
}
