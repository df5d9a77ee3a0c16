// SPDX-License-Identifier: MPL-2.0

package function

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxName is the maximum number of characters in a function's name. AWS's model limits the length of an ARN instead.
const maxName = 64

type createInput struct {
	settingsInput
	FunctionName  string
	Code          struct{ ZipFile []byte }
	Architectures []string
	Tags          wire.Tags
}

func (s *Service) createFunction(c *wire.Call, in *createInput) ([]string, func() (any, error)) {
	name, _ := splitReference(in.FunctionName)
	resources := []string{s.arn(name)}
	s.passes(c, &in.settingsInput, resources[0])
	if len(in.Tags) > 0 {
		c.Also = append(c.Also, wire.Each("lambda:TagResource", resources...)...)
	}
	return resources, func() (any, error) {
		if len(name) > maxName {
			return nil, wire.Validation(codeValidation, "functionName", in.FunctionName, "Member must have length less than or equal to 64")
		}
		settings, err := in.apply(defaultSettings(name))
		if err != nil {
			return nil, err
		}
		tags := wire.Tags{}
		if err := tags.Change(in.Tags.List(), nil, invalidParameter); err != nil {
			return nil, err
		}
		if err := s.checkRole(settings.Role); err != nil {
			return nil, err
		}
		if err := s.checkDeadLetters(&settings); err != nil {
			return nil, err
		}
		code, err := s.codeOf(in.Code.ZipFile, in.Architectures, "x86_64")
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.functions[name] != nil {
			return nil, conflict("Function already exist: %s", name)
		}
		now := s.config.Now()
		f := &function{
			name: name, arn: s.arn(name), settings: settings, grantee: s.config.Roles.RoleID(settings.Role), code: code, tags: tags,
			modified: now, revision: uuid.NewString(), activeAt: now.Add(s.config.PendingFor),
		}
		s.reserve(f, nil)
		f.running = s.runner.NewPool(f.version())
		s.functions[name] = f
		return f.configuration(now), nil
	}
}

// checkRole refuses a role that Lambda cannot assume. A new role may need a moment.
func (s *Service) checkRole(role string) error {
	if !s.config.Roles.CanAssume(role, "lambda.amazonaws.com") {
		return invalidParameter("The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}

// codeOf checks and unpacks an uploaded zip.
func (s *Service) codeOf(archive []byte, architectures []string, architecture string) (code, error) {
	switch len(architectures) {
	case 0:
	case 1:
		architecture = architectures[0]
	default:
		return code{}, invalidParameter("A function has exactly one architecture.")
	}
	if len(archive) == 0 {
		return code{}, invalidParameter("Please provide a source for function code: the sandbox takes ZipFile.")
	}
	return s.newCode(archive, architecture)
}

type configureInput struct {
	settingsInput
	functionInput
}

func (s *Service) updateFunctionConfiguration(c *wire.Call, in *configureInput) ([]string, func() (any, error)) {
	resources := s.resources(in.functionInput)
	s.passes(c, &in.settingsInput, resources[0])
	return resources, func() (any, error) {
		if in.Role != nil {
			if err := s.checkRole(*in.Role); err != nil {
				return nil, err
			}
		}
		return s.update(in.functionInput, func(f *function) error {
			settings, err := in.apply(f.settings)
			if err != nil {
				return err
			}
			if err := s.checkDeadLetters(&settings); err != nil {
				return err
			}
			if settings.Role != f.settings.Role {
				f.grantee = s.config.Roles.RoleID(settings.Role)
			}
			f.settings = settings
			return nil
		})
	}
}

type codeInput struct {
	functionInput
	ZipFile       []byte
	Architectures []string
}

func (s *Service) updateFunctionCode(_ *wire.Call, in *codeInput) ([]string, func() (any, error)) {
	return s.resources(in.functionInput), func() (any, error) {
		return s.update(in.functionInput, func(f *function) error {
			code, err := s.codeOf(in.ZipFile, in.Architectures, f.code.architecture)
			if err == nil {
				f.code = code
			}
			return err
		})
	}
}

// update changes an existing function, unless another update is in progress. Invocations run the previous version until the update is
// complete.
func (s *Service) update(in functionInput, change func(*function) error) (any, error) {
	var retire func()
	defer func() {
		if retire != nil {
			retire()
		}
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(in)
	if err != nil {
		return nil, err
	}
	now := s.config.Now()
	if err := f.checkChange(now); err != nil {
		return nil, err
	}
	_, retire = f.pool(now) // an update that is complete, but that no invocation has used
	if err := change(f); err != nil {
		return nil, err
	}
	f.modified, f.revision, f.settledAt = now, uuid.NewString(), now.Add(s.config.UpdateFor)
	f.next = s.runner.NewPool(f.version())
	return f.configuration(now), nil
}

func (f *function) checkChange(now time.Time) error {
	switch {
	case f.pending(now):
		return conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	case f.updating(now):
		return conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", f.arn)
	}
	return nil
}

func (s *Service) deleteFunction(_ *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	var gone []*execution.Pool
	resources, remove := s.onFunction(*in, func(f *function) (any, error) {
		if err := f.checkChange(s.config.Now()); err != nil {
			return nil, err
		}
		delete(s.functions, f.name)
		gone = []*execution.Pool{f.running, f.next}
		return nil, nil
	})
	return resources, func() (any, error) {
		_, err := remove()
		for _, pool := range gone { // without the mutex
			if pool != nil {
				pool.Retire()
			}
		}
		return nil, err
	}
}

func (s *Service) getFunction(c *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	s.shows(c, *in, true)
	return s.onFunction(*in, func(f *function) (any, error) {
		return struct {
			Configuration configuration
			Code          struct{ RepositoryType, Location string }
			Tags          map[string]string  `json:",omitempty"`
			Concurrency   *concurrencyAnswer `json:",omitempty"`
		}{
			Configuration: f.configuration(s.config.Now()),
			Code:          struct{ RepositoryType, Location string }{"S3", s.location(&f.code)},
			Tags:          maps.Clone(f.tags),
			Concurrency:   f.concurrency(),
		}, nil
	})
}

func (s *Service) getFunctionConfiguration(c *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	s.shows(c, *in, false)
	return s.onFunction(*in, func(f *function) (any, error) { return f.configuration(s.config.Now()), nil })
}

func (s *Service) listFunctions(*wire.Call, *struct{}) ([]string, func() (any, error)) {
	return nil, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		list := make([]configuration, 0, len(s.functions))
		for _, name := range slices.Sorted(maps.Keys(s.functions)) {
			list = append(list, s.functions[name].configuration(s.config.Now()))
		}
		return struct{ Functions []configuration }{list}, nil
	}
}
