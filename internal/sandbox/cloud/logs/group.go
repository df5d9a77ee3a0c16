// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type group struct {
	name      string
	class     string
	created   time.Time
	retention int    // days; 0 means forever
	keyID     string // ARN of a KMS key; empty for a key that AWS owns
	protected bool   // from deletion
	tags      wire.Tags
	streams   map[string]*stream
}

// retentions are the numbers of days that PutRetentionPolicy accepts.
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

var groupPattern = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

// find returns a group; the caller holds the lock.
func (s *Service) find(name string) (*group, error) {
	g, found := s.groups[name]
	if !found {
		return nil, wire.Sender("ResourceNotFoundException", "The specified log group does not exist.")
	}
	return g, nil
}

type createGroupInput struct {
	Name  string    `json:"logGroupName"`
	Class string    `json:"logGroupClass"`
	KeyID string    `json:"kmsKeyId"`
	Tags  wire.Tags `json:"tags"`

	DeletionProtection bool `json:"deletionProtectionEnabled"`
}

func (s *Service) createLogGroup(c *wire.Call, in *createGroupInput) ([]string, func() (any, error)) {
	if len(in.Tags) > 0 { // API reference, CreateLogGroup: "tags"
		c.Also = wire.Each("logs:TagResource", s.groupARN(in.Name))
	}
	return s.on(in.Name, ""), func() (any, error) {
		tags := wire.Tags{}
		if err := tags.Change(in.Tags.List(), nil, invalid); err != nil {
			return nil, err
		}
		if in.Class == "DELIVERY" {
			return nil, invalid("The sandbox does not offer the log group class DELIVERY.")
		}
		if in.KeyID != "" {
			if err := s.checkKey(in.KeyID); err != nil {
				return nil, err
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		g, err := s.create(in.Name)
		if err != nil {
			return nil, err
		}
		g.class, g.keyID, g.protected, g.tags = cmp.Or(in.Class, g.class), in.KeyID, in.DeletionProtection, tags
		return nil, nil
	}
}

// create creates a group; the caller holds the lock.
func (s *Service) create(name string) (*group, error) {
	if !groupPattern.MatchString(name) {
		return nil, wire.Validation("InvalidParameterException", name, "logGroupName",
			`Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`)
	}
	if _, exists := s.groups[name]; exists {
		return nil, wire.Sender("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	g := &group{name: name, class: "STANDARD", created: s.now(), tags: wire.Tags{}, streams: map[string]*stream{}}
	s.groups[name] = g
	return g, nil
}

type describeGroupsInput struct {
	Prefix    string `json:"logGroupNamePrefix"`
	NextToken string `json:"nextToken"`
	Limit     *int   `json:"limit"`
}

type describeGroupsOutput struct {
	Groups    []groupOutput `json:"logGroups"`
	NextToken string        `json:"nextToken,omitempty"`
}

type groupOutput struct {
	ARN               string `json:"arn"`         // with :* at the end
	LogGroupARN       string `json:"logGroupArn"` // without
	Name              string `json:"logGroupName"`
	Class             string `json:"logGroupClass"`
	CreationTime      int64  `json:"creationTime"` // milliseconds since 1970
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	KeyID             string `json:"kmsKeyId,omitempty"`
	Protected         bool   `json:"deletionProtectionEnabled"`
	StoredBytes       int    `json:"storedBytes"`
	MetricFilterCount int    `json:"metricFilterCount"`
}

func (s *Service) describeLogGroups(_ *wire.Call, in *describeGroupsInput) ([]string, func() (any, error)) {
	return s.on("", ""), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		all := []groupOutput{}
		for _, name := range s.names() {
			if strings.HasPrefix(name, in.Prefix) {
				all = append(all, s.groupOutput(s.groups[name]))
			}
		}
		part, next, err := page(all, in.NextToken, in.Limit, 50)
		return describeGroupsOutput{Groups: part, NextToken: next}, err
	}
}

func (s *Service) groupOutput(g *group) groupOutput {
	out := groupOutput{
		ARN:             s.groupARN(g.name) + ":*",
		LogGroupARN:     s.groupARN(g.name),
		Name:            g.name,
		Class:           g.class,
		CreationTime:    g.created.UnixMilli(),
		RetentionInDays: g.retention,
		KeyID:           g.keyID,
		Protected:       g.protected,
	}
	for _, st := range g.streams {
		out.StoredBytes += st.bytes()
	}
	return out
}

type groupInput struct {
	Name string `json:"logGroupName"`
}

// withGroup returns a function that calls run with an existing group.
func (s *Service) withGroup(name string, run func(*group) (any, error)) func() (any, error) {
	return func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		g, err := s.find(name)
		if err != nil {
			return nil, err
		}
		return run(g)
	}
}

func (s *Service) deleteLogGroup(_ *wire.Call, in *groupInput) ([]string, func() (any, error)) {
	return s.on(in.Name, ""), s.withGroup(in.Name, func(g *group) (any, error) {
		if g.protected {
			return nil, wire.Sender("ValidationException",
				"Cannot delete log group with deletion protection enabled. Disable deletion protection first.")
		}
		delete(s.groups, g.name)
		return nil, nil
	})
}

type retentionInput struct {
	groupInput
	Days int `json:"retentionInDays"`
}

func (s *Service) putRetentionPolicy(_ *wire.Call, in *retentionInput) ([]string, func() (any, error)) {
	return s.on(in.Name, ""), s.withGroup(in.Name, func(g *group) (any, error) {
		if !slices.Contains(retentions, in.Days) {
			return nil, wire.Validation("InvalidParameterException", strconv.Itoa(in.Days), "retentionInDays",
				"Member must satisfy enum value set: "+strings.ReplaceAll(fmt.Sprint(retentions), " ", ", "))
		}
		g.retention = in.Days
		return nil, nil
	})
}

func (s *Service) deleteRetentionPolicy(_ *wire.Call, in *groupInput) ([]string, func() (any, error)) {
	return s.on(in.Name, ""), s.withGroup(in.Name, func(g *group) (any, error) {
		g.retention = 0
		return nil, nil
	})
}
