// SPDX-License-Identifier: MPL-2.0

// Command scenes draws the nights with which the guide explains how a chain runs.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play/scenes"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: scenes FOLDER. It writes a picture of each scene into the folder")
	}
	if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // documentation is for all
		return err
	}
	for _, s := range scenes.All() {
		svg, err := s.Picture()
		if err != nil {
			return fmt.Errorf("drawing %s: %w", s.Name, err)
		}
		if err := os.WriteFile(filepath.Join(args[0], s.Name+".svg"), svg, 0o644); err != nil { //nolint:gosec // likewise
			return err
		}
	}
	return nil
}
