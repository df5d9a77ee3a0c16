// SPDX-License-Identifier: MPL-2.0

package logs

import "time"

// Exists tells whether a group is there, and whether it has the stream.
func (s *Service) Exists(groupName, streamName string) (groupExists, streamExists bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.groups[groupName]
	if !found {
		return false, false
	}
	_, streamExists = g.streams[streamName]
	return true, streamExists
}

// Append adds one event, for a service that logs: no permission is asked for here. It makes the group and the stream where
// they are missing. A name that CloudWatch Logs does not take is an error.
func (s *Service) Append(groupName, streamName string, at time.Time, message string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.groups[groupName]
	if !found {
		var err error
		if g, err = s.create(groupName); err != nil {
			return err
		}
	}
	st, found := g.streams[streamName]
	if !found {
		var err error
		if st, err = g.create(streamName, s.now()); err != nil {
			return err
		}
	}
	s.add(st, inputEvent{Timestamp: at.UnixMilli(), Message: message}, s.now())
	return nil
}
