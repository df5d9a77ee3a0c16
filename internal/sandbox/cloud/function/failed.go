// SPDX-License-Identifier: MPL-2.0

package function

// Fail puts a function into the state Failed, as Lambda does if it cannot prepare the function. The function is no longer invoked: callers
// get ResourceNotReadyException, as API_Invoke says.
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
