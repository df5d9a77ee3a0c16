// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// platforms are the platforms of Terraform that Go can build for. Source:
// https://developer.hashicorp.com/terraform/registry/providers/os-arch
var platforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

// providerFiles are what the provider's checksums are of.
func (r *release) providerFiles() []string {
	return append(r.filesOf(func(string) string { return ".zip" }), r.name("manifest.json"), r.name("function.cdx.json"))
}

// commandFiles are what the command's checksums are of.
func (r *release) commandFiles() []string { return r.filesOf(archiveOf) }

// archiveOf returns how the name of the command's archive for a platform ends.
func archiveOf(platform string) string {
	if strings.HasPrefix(platform, "windows") {
		return ".zip"
	}
	return ".tar.gz"
}

// filesOf are the files of all platforms: the archive and the bill of materials.
func (r *release) filesOf(ending func(platform string) string) []string {
	var files []string
	for _, platform := range platforms {
		files = append(files, r.name(platform+ending(platform)), r.name(platform+".cdx.json"))
	}
	return files
}

// checkSums checks that the checksums are correct and cover exactly the required files.
func (r *release) checkSums(want []string) error {
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(r.sums)); !slices.Equal(got, want) {
		return fmt.Errorf("there are checksums of %q, want them of %q", got, want)
	}
	var err error
	for name, sum := range r.sums {
		path := filepath.Join(r.dir, name)
		if name == r.name("manifest.json") {
			path = "terraform-registry-manifest.json" // it has another name only where it is published
		}
		content, reading := os.ReadFile(path) //nolint:gosec // in the folder that is to be checked
		if reading != nil {
			err = errors.Join(err, reading)
			continue
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
			err = errors.Join(err, fmt.Errorf("the checksum of %s is not that of the file", name))
		}
	}
	return err
}

// checkArchives checks that each archive contains the program, built for its platform, and the licence.
func (r *release) checkArchives() error {
	var err error
	for _, platform := range platforms {
		if wrong := r.checkArchive(platform); wrong != nil {
			err = errors.Join(err, fmt.Errorf("%s for %s: %w", r.project, platform, wrong))
		}
	}
	return err
}

func (r *release) checkArchive(platform string) error {
	files, err := r.unpacked(platform)
	if err != nil {
		return err
	}
	binary := r.binaryName(platform)
	if got, want := slices.Sorted(maps.Keys(files)), []string{"LICENSE", binary}; !slices.Equal(got, want) {
		return fmt.Errorf("it has %q instead of %q", got, want)
	}
	if mode := files[binary].mode; mode.Perm() != 0o755 {
		return fmt.Errorf("the program's mode is %v", mode)
	}
	return checkBuild(files[binary].content, platform)
}

// checkBuild checks for which platform a program was built, and how.
func checkBuild(content []byte, platform string) error {
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("it is no program of Go's: %w", err)
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	goos, goarch, _ := strings.Cut(platform, "_")
	for key, want := range map[string]string{"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0", "-trimpath": "true"} {
		if settings[key] != want {
			return fmt.Errorf("the program was built with %s=%q instead of %q", key, settings[key], want)
		}
	}
	return nil
}

func (r *release) binaryName(platform string) string {
	name := r.project
	if r.project == provider {
		name += "_v" + r.version
	}
	if strings.HasPrefix(platform, "windows") {
		name += ".exe"
	}
	return name
}

// providerModules are modules that only the subject of each bill of materials uses.
func (r *release) providerModules() map[string]string {
	modules := r.modulesOf("github.com/hashicorp/terraform-plugin-framework")
	modules[r.name("function.cdx.json")] = "github.com/aws/aws-lambda-go"
	return modules
}

func (r *release) commandModules() map[string]string { return r.modulesOf("github.com/spf13/cobra") }

func (r *release) modulesOf(module string) map[string]string {
	modules := map[string]string{}
	for _, platform := range platforms {
		modules[r.name(platform+".cdx.json")] = module
	}
	return modules
}

// checkMaterials checks that each bill of materials contains a module that only its subject uses.
func (r *release) checkMaterials(want map[string]string) error {
	var err error
	for name, module := range want {
		var bill struct {
			Format     string `json:"bomFormat"`
			Components []struct{ Name, Version string }
		}
		wrong := readJSON(filepath.Join(r.dir, name), &bill)
		named := slices.ContainsFunc(bill.Components, func(c struct{ Name, Version string }) bool { return c.Name == module && c.Version != "" })
		if wrong == nil && (bill.Format != "CycloneDX" || !named) {
			wrong = fmt.Errorf("%s is no bill of materials in CycloneDX's format, or does not name %s", name, module)
		}
		err = errors.Join(err, wrong)
	}
	return err
}

// checkManifest checks that the manifest names the protocol that main serves to the registry.
func (r *release) checkManifest() error {
	var manifest struct {
		Metadata struct {
			Versions []string `json:"protocol_versions"`
		}
	}
	if err := readJSON("terraform-registry-manifest.json", &manifest); err != nil {
		return err
	}
	if !slices.Equal(manifest.Metadata.Versions, []string{"6.0"}) {
		return fmt.Errorf("the registry's manifest names the protocols %q instead of 6.0", manifest.Metadata.Versions)
	}
	return nil
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path) //nolint:gosec // in the folder that is to be checked
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
