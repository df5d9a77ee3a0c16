// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// settingChange is a setting of an API Gateway object that is not as wanted, with the patches that change it.
type settingChange struct {
	Difference
	patches []types.PatchOperation
}

// setting returns a setting, which may be as wanted.
func setting(name, have, want string, patches ...types.PatchOperation) settingChange {
	return settingChange{Difference{name, have, want}, patches}
}

// changed returns those of the settings that are not as wanted, with the prefix before their names.
func changed(prefix string, settings ...settingChange) []settingChange {
	var all []settingChange
	for _, s := range settings {
		if s.Have != s.Want {
			s.Setting = prefix + s.Setting
			all = append(all, s)
		}
	}
	return all
}

// split returns the differences, and the patches that remove them.
func split(changes []settingChange) (differences []Difference, patches []types.PatchOperation) {
	for _, change := range changes {
		differences, patches = append(differences, change.Difference), append(patches, change.patches...)
	}
	return differences, patches
}

func replace(path, value string) types.PatchOperation { return change(types.OpReplace, path, value) }

func change(op types.Op, path, value string) types.PatchOperation {
	return types.PatchOperation{Op: op, Path: aws.String(path), Value: aws.String(value)}
}

// removals returns the patches that remove settings.
func removals(prefix string, names ...string) []types.PatchOperation {
	var patches []types.PatchOperation
	for _, name := range names {
		patches = append(patches, types.PatchOperation{Op: types.OpRemove, Path: aws.String(prefix + name)})
	}
	return patches
}
