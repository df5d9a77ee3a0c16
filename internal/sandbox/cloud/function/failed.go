// SPDX-License-Identifier: MPL-2.0

package function

// Fail puts a function into the state Failed, in which Lambda leaves one that it could not make ready. It is not invoked any more, and
// answers what asks for it as API_Invoke says: ResourceNotReadyException.
func (s *Service) Fail(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.functions[name]
	if f == nil {
		return notFound("Function not found: %s", s.arn(name))
	}
	f.failed = true
	return nil
}
