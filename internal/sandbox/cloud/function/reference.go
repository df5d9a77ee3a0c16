// SPDX-License-Identifier: MPL-2.0

package function

import "strings"

func (s *Service) arn(name string) string { return s.config.Account.ARN("lambda", "function:"+name) }

// splitReference splits a reference to a function into name and qualifier. The API accepts the name, the ARN, or the end of the ARN from
// the account on, each with or without a qualifier.
func splitReference(reference string) (name, qualifier string) {
	if i := strings.LastIndex(reference, "function:"); i >= 0 {
		reference = reference[i+len("function:"):]
	}
	name, qualifier, _ = strings.Cut(reference, ":")
	return name, qualifier
}

// functionInput names a function in a request.
type functionInput struct{ FunctionName, Qualifier string }

// resources returns the ARNs that a caller needs permission for to use the function.
func (s *Service) resources(in functionInput) []string {
	name, _ := splitReference(in.FunctionName)
	return []string{s.arn(name)}
}

// lookup returns the function that a request names. The caller has locked the service's mutex.
func (s *Service) lookup(in functionInput) (*function, error) {
	name, qualifier := splitReference(in.FunctionName)
	if qualifier == "" {
		qualifier = in.Qualifier
	}
	f := s.functions[name]
	switch {
	case qualifier != "" && qualifier != "$LATEST":
		return nil, notFound("Function not found: %s:%s", s.arn(name), qualifier)
	case f == nil || strings.HasPrefix(in.FunctionName, "arn:") && !strings.HasPrefix(in.FunctionName, f.arn):
		return nil, notFound("Function not found: %s", s.arn(name))
	}
	return f, nil
}

// onFunction returns an operation on an existing function. It runs under the mutex.
func (s *Service) onFunction(in functionInput, run func(*function) (any, error)) ([]string, func() (any, error)) {
	return s.resources(in), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f, err := s.lookup(in)
		if err != nil {
			return nil, err
		}
		return run(f)
	}
}
