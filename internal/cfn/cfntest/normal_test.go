package cfntest_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// plain turns an SDK's struct into what JSON would give of AWS's answer: what is not there is left out, an empty list is kept.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		return plain(v.Elem())
	case reflect.Slice:
		list := make([]any, 0, v.Len())
		for i := range v.Len() {
			list = append(list, plain(v.Index(i)))
		}
		return list
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			return at.String()
		}
		return fields(v)
	case reflect.String:
		return v.String()
	case reflect.Interface:
		return plain(v.Elem())
	case reflect.Map:
		return v.Interface()
	}
	return v.Interface()
}

func fields(v reflect.Value) map[string]any {
	m := map[string]any{}
	for i := range v.NumField() {
		name, field := v.Type().Field(i).Name, v.Field(i)
		if !v.Type().Field(i).IsExported() || name == "ResultMetadata" || field.Kind() == reflect.String && field.Len() == 0 ||
			(field.Kind() == reflect.Pointer || field.Kind() == reflect.Slice) && field.IsNil() {
			continue
		}
		m[name] = plain(field)
		text, _ := m[name].(string)
		if strings.HasSuffix(name, "Context") || name == "ResourceProperties" {
			var parsed any
			if json.Unmarshal([]byte(text), &parsed) == nil {
				m[name] = parsed
			}
		}
	}
	return m
}

// made are the values that are made up, or that the recordings were filled with: only that they are there counts.
var made = map[string]bool{
	"ChangeSetId": true, "ChangeSetName": true, "StackId": true, "StackName": true, "CreationTime": true, "LastUpdatedTime": true,
	"ParentChangeSetId": true, "RootChangeSetId": true, "DeletionTime": true, "EventId": true, "Timestamp": true, "Id": true, "OperationId": true, "ExportingStackId": true,
}

// normal leaves of made-up values only that they are there, and hides made-up ids and names in texts.
func normal(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, 0, len(v))
		for _, item := range v {
			list = append(list, normal(item))
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for key, item := range v {
			if m[key] = normal(item); made[key] {
				m[key] = "(made up)"
			}
		}
		return m
	case string:
		return withoutIDs(v)
	}
	return v
}

var (
	ids   = regexp.MustCompile(`arn:aws:cloudformation:[^ \]]*`)
	names = regexp.MustCompile(`[A-Za-z0-9-]+-([A-Z][A-Za-z0-9]*)-[A-Za-z0-9]{12}\b`)
)

func withoutIDs(text string) string {
	return names.ReplaceAllString(ids.ReplaceAllString(text, "(id)"), "(name of $1)")
}
