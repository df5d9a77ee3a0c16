// SPDX-License-Identifier: MPL-2.0

package function

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

var functionName = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

type createInput struct {
	settingsInput
	FunctionName  string
	PackageType   string
	Code          struct{ ZipFile []byte }
	Architectures []string
	Tags          map[string]string
	Publish       bool
}

func (s *Service) createFunction(call *wire.RESTCall) (*wire.Response, error) {
	var in createInput
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	name, _ := splitReference(in.FunctionName)
	if !functionName.MatchString(name) {
		return nil, constraint("functionName", in.FunctionName, "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+ of at most 64 characters")
	}
	if in.PackageType != "" && in.PackageType != "Zip" {
		return nil, invalidParameter("The sandbox runs functions of the package type Zip alone, not %q.", in.PackageType)
	}
	settings, err := in.apply(defaultSettings(name))
	if err != nil {
		return nil, err
	}
	if err := checkTags(nil, in.Tags); err != nil {
		return nil, err
	}
	if err := s.checkRole(settings.Role); err != nil {
		return nil, err
	}
	if err := s.checkDeadLetters(&settings); err != nil {
		return nil, err
	}
	code, err := s.codeOf(in.Code.ZipFile, in.Architectures, "x86_64", in.Publish)
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
		name: name, arn: s.arn(name), settings: settings, grantee: s.config.Roles.RoleID(settings.Role), code: code, tags: maps.Clone(in.Tags),
		modified: now, revision: uuid.NewString(), activeAt: now.Add(s.config.PendingFor), recursion: recursionTerminate,
	}
	s.reserve(f, nil)
	f.running = s.runner.NewPool(f.version())
	s.functions[name] = f
	return wire.RESTJSONResponse(http.StatusCreated, f.configuration(now))
}

// checkRole refuses a role that Lambda cannot assume; a new role may need a moment until it can.
func (s *Service) checkRole(role string) error {
	if !s.config.Roles.CanAssume(role, "lambda.amazonaws.com") {
		return invalidParameter("The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}

// codeOf checks and unpacks what a caller uploads.
func (s *Service) codeOf(archive []byte, architectures []string, architecture string, publish bool) (code, error) {
	switch {
	case publish:
		return code{}, invalidParameter("The sandbox does not publish versions of functions.")
	case len(archive) == 0:
		return code{}, invalidParameter("Please provide a source for function code: the sandbox takes ZipFile.")
	case len(architectures) > 1:
		return code{}, invalidParameter("A function has exactly one architecture.")
	}
	if len(architectures) == 1 {
		architecture = architectures[0]
	}
	if architecture != "x86_64" && architecture != "arm64" {
		return code{}, constraint("architectures", architecture, "Member must satisfy enum value set: [x86_64, arm64]")
	}
	return s.newCode(archive, architecture)
}

func (s *Service) updateFunctionConfiguration(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		settingsInput
		RevisionId string //nolint:revive // the API's spelling
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	if in.Role != nil {
		if err := s.checkRole(*in.Role); err != nil {
			return nil, err
		}
	}
	return s.update(call, in.RevisionId, func(f *function) error {
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

func (s *Service) updateFunctionCode(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		ZipFile       []byte
		Architectures []string
		DryRun        bool
		Publish       bool
		RevisionId    string //nolint:revive // the API's spelling
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	f, err := s.called(call)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	architecture := f.code.architecture
	s.mu.Unlock()
	code, err := s.codeOf(in.ZipFile, in.Architectures, architecture, in.Publish)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		s.mu.Lock()
		defer s.mu.Unlock()
		would := *f
		would.code = code
		return wire.RESTJSONResponse(http.StatusOK, would.configuration(s.config.Now()))
	}
	return s.update(call, in.RevisionId, func(f *function) error {
		f.code = code
		return nil
	})
}

// update changes a function that exists, is not being changed, and has the expected revision (any when empty). Invocations
// run the version before until the update is through.
func (s *Service) update(call *wire.RESTCall, revision string, change func(*function) error) (*wire.Response, error) {
	s.mu.Lock()
	f, err := s.called(call)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	now := s.config.Now()
	if err := f.checkChange(now, revision); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	_, retire := f.pool(now) // an update that is through and that no invocation has noticed
	err = change(f)
	var answer configuration
	if err == nil {
		f.modified, f.revision, f.settledAt = now, uuid.NewString(), now.Add(s.config.UpdateFor)
		f.next = s.runner.NewPool(f.version())
		answer = f.configuration(now)
	}
	s.mu.Unlock()
	if retire != nil {
		retire()
	}
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, answer)
}

func (f *function) checkChange(now time.Time, revision string) error {
	switch {
	case f.pending(now):
		return conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	case f.updating(now):
		return conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", f.arn)
	case revision != "" && revision != f.revision:
		return preconditionFailed()
	}
	return nil
}

func preconditionFailed() *wire.Error {
	return wire.Errorf(http.StatusPreconditionFailed, codePrecondition, "The RevisionId provided does not match the latest RevisionId. "+
		"Call the GetFunction/GetAlias API to retrieve the latest RevisionId for your resource.")
}

func (s *Service) deleteFunction(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	f, err := s.called(call)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if err := f.checkChange(s.config.Now(), ""); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	delete(s.functions, f.name)
	running, next := f.running, f.next
	s.mu.Unlock()
	running.Retire()
	if next != nil {
		next.Retire()
	}
	return &wire.Response{Status: http.StatusNoContent}, nil
}

func (s *Service) getFunction(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, struct {
		Configuration configuration
		Code          struct{ RepositoryType, Location string }
		Tags          map[string]string  `json:",omitempty"`
		Concurrency   *concurrencyAnswer `json:",omitempty"`
	}{
		Configuration: f.configuration(s.config.Now()),
		Code:          struct{ RepositoryType, Location string }{"S3", s.location(&f.code)},
		Tags:          f.tags,
		Concurrency:   f.concurrency(),
	})
}

func (s *Service) getFunctionConfiguration(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, f.configuration(s.config.Now()))
}

func (s *Service) listFunctions(call *wire.RESTCall) (*wire.Response, error) {
	size := 50
	if limit := call.Query.Get("MaxItems"); limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 || n > 10000 {
			return nil, constraint("maxItems", limit, "Member must have value between 1 and 10000")
		}
		size = min(n, size) // a page has at most 50, whatever is asked for
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page, next, ok := wire.Page(slices.Sorted(maps.Keys(s.functions)), call.Query.Get("Marker"), size)
	if !ok {
		return nil, invalidParameter("Invalid Marker.")
	}
	list := make([]configuration, 0, len(page))
	for _, name := range page {
		list = append(list, s.functions[name].configuration(s.config.Now()))
	}
	return wire.RESTJSONResponse(http.StatusOK, struct {
		Functions  []configuration
		NextMarker string `json:",omitempty"`
	}{list, next})
}
