// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// foundTask is a data task with the project that it belongs to: its id is unique in the project only.
type foundTask struct {
	qlik.DataTask
	project qlik.DataProject
}

func describeTask(t foundTask) string {
	return fmt.Sprintf("%q (id %s, in the project %q, %s)", t.Name, t.ID, t.project.Name, t.project.ID)
}

func describeProject(p qlik.DataProject) string {
	return fmt.Sprintf("%q (id %s, in the space %s)", p.Name, p.ID, p.SpaceID)
}

// projects lists the data integration projects in which a data task can be: the one with the id, the one with the name, or all.
func (l lookUp) projects(ctx context.Context, id, name string, in place) ([]qlik.DataProject, error) {
	all, err := l.tenant.ListDataProjects(ctx, in.id)
	if err != nil || id == "" && name == "" {
		return all, err
	}
	matches := slices.DeleteFunc(slices.Clone(all), func(p qlik.DataProject) bool {
		return id != "" && p.ID != id || name != "" && !sameName(name, p.Name)
	})
	switch {
	case len(matches) == 1:
		return matches, nil
	case len(matches) > 1:
		return nil, fmt.Errorf("%d projects in %v are named %q: %s. Use project_id for the one that is meant", len(matches), in, name,
			several(matches, describeProject))
	case id != "":
		return nil, notFound("project",
			"there is no data integration project with the id %q among the %d that the provider's credentials can see in %v",
			id, len(all), in)
	default:
		return nil, notFound("project",
			"there is no data integration project named %q among the %d that the provider's credentials can see in %v%s",
			name, len(all), in, similar(name, all, func(p qlik.DataProject) string { return p.Name }, describeProject))
	}
}

// dataTask finds the data task with the id, or with exactly the name, in one of the projects.
func (l lookUp) dataTask(ctx context.Context, id, name string, projects []qlik.DataProject, in place) (*foundTask, error) {
	var all []foundTask
	for _, project := range projects {
		tasks, err := l.tenant.ListDataTasks(ctx, project.ID)
		if err != nil {
			return nil, err
		}
		for _, task := range tasks {
			all = append(all, foundTask{task, project})
		}
	}
	where := in.String()
	if len(projects) == 1 {
		where = fmt.Sprintf("the project %q", projects[0].Name)
	}
	matches := slices.DeleteFunc(slices.Clone(all), func(t foundTask) bool {
		return id != "" && t.ID != id || name != "" && !sameName(name, t.Name)
	})
	switch {
	case len(matches) == 1:
		return &matches[0], nil
	case len(matches) > 1:
		return nil, fmt.Errorf("%d data tasks in %s fit: %s. Say by project or project_id which one is meant, or use its id with its project",
			len(matches), where, several(matches, describeTask))
	case id != "":
		return nil, notFound("data task",
			"there is no data task with the id %q among the %d that the provider's credentials can see in %s", id, len(all),
			where)
	default:
		return nil, notFound("data task",
			"there is no data task named %q among the %d that the provider's credentials can see in %s%s", name, len(all),
			where, similar(name, all, func(t foundTask) string { return t.Name }, describeTask))
	}
}
