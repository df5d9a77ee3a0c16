// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// field is one attribute that users write: in a chain's definition, in an object among the resource's other attributes, or in the
// provider's aws. Its name is the JSON name of the field in the Go type that it is decoded into. Decoding, encoding, the schema, the errors
// and the documentation all use the lists of fields.
type field struct {
	name      string
	kind      kind
	required  bool
	writeOnly bool                   // in neither plan nor state
	doc       string                 // Markdown
	fields    []field                // of an object, or of each element of a map of objects
	byDefault any                    // the value that null means; nil for the zero value
	lenient   bool                   // an empty text means the default, and a map's null elements are ignored
	check     func(value any) string // describes what is wrong with a value that has the right type; nil if any value will do
}

// kind is the type of an attribute's value.
type kind int

const (
	aText kind = iota
	aDuration
	aNumber  // a whole number
	aDecimal // any number
	aFlag
	aTextMap
	aDurationMap
	aTextSet // in any order
	anObject
	anObjectMap
)

// kindWords describes each kind, in an error after "This must be", and in the documentation.
var kindWords = map[kind]struct{ must, doc string }{
	aText:        {"a text", "String"},
	aDuration:    {"a text", "String"},
	aNumber:      {"a whole number", "Number"},
	aDecimal:     {"a number", "Number"},
	aFlag:        {"true or false", "Boolean"},
	aTextMap:     {"an object or a map", "Map of String"},
	aDurationMap: {"an object or a map", "Map of String"},
	aTextSet:     {"a list", "Set of String"},
	anObject:     {"an object", "Object"},
	anObjectMap:  {"an object or a map", "Map of Object"},
}

func names(fields []field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	slices.Sort(all)
	return all
}

// attribute returns the field as an attribute of the resource. An object is dynamic. In a typed object, Terraform would drop unknown
// members before the provider sees them.
func (f *field) attribute() schema.Attribute {
	switch f.kind {
	case aNumber:
		return schema.Int32Attribute{Required: f.required, Optional: !f.required, MarkdownDescription: f.doc}
	case aTextSet:
		return schema.SetAttribute{Required: f.required, Optional: !f.required, MarkdownDescription: f.doc, ElementType: types.StringType}
	case anObject, anObjectMap:
		return schema.DynamicAttribute{
			Required: f.required, Optional: !f.required, WriteOnly: f.writeOnly, MarkdownDescription: f.describe(),
		}
	default:
		return schema.StringAttribute{Required: f.required, Optional: !f.required, MarkdownDescription: f.doc}
	}
}

// describe returns the description of a dynamic attribute. Editors show it, but they do not complete the attribute's members.
func (f *field) describe() string {
	if len(f.fields) == 0 {
		return f.doc
	}
	return f.doc + " Attributes: " + f.members() + "."
}

// members lists the attributes of an object, the required ones first.
func (f *field) members() string {
	var required, optional []string
	for _, name := range names(f.fields) {
		i := slices.IndexFunc(f.fields, func(member field) bool { return member.name == name })
		if f.fields[i].required {
			required = append(required, "`"+name+"` (required)")
		} else {
			optional = append(optional, "`"+name+"`")
		}
	}
	return strings.Join(append(required, optional...), ", ")
}

// resourceFields returns the resource's attributes that lists of fields describe: those of a definition, and the other objects.
func resourceFields() []field {
	return slices.Concat(ownFields(), []field{stepsField()}, settingFields())
}

// attributesOf returns the fields as attributes of the resource.
func attributesOf(fields []field) map[string]schema.Attribute {
	all := make(map[string]schema.Attribute, len(fields))
	for i := range fields {
		all[fields[i].name] = fields[i].attribute()
	}
	return all
}
