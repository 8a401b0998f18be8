package cfntest

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// AWS's Query protocol, both ways, by reflection over the SDK's own input and output structs: a field's name is its
// name on the wire, a list is numbered from 1 below "member"
// (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).

// decodeForm reads a request into an SDK input.
func decodeForm(form url.Values, into any) error {
	return decodeFields(form, "", reflect.ValueOf(into).Elem())
}

func decodeFields(form url.Values, prefix string, v reflect.Value) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		if err := decodeValue(form, prefix+field.Name, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeValue(form url.Values, key string, v reflect.Value) error {
	if !given(form, key) {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decodeValue(form, key, v.Elem())
	case reflect.Struct:
		return decodeFields(form, key+".", v)
	case reflect.Slice:
		for n := 1; given(form, fmt.Sprintf("%s.member.%d", key, n)); n++ {
			item := reflect.New(v.Type().Elem()).Elem()
			if err := decodeValue(form, fmt.Sprintf("%s.member.%d", key, n), item); err != nil {
				return err
			}
			v.Set(reflect.Append(v, item))
		}
		return nil
	}
	return decodeScalar(form.Get(key), key, v)
}

func decodeScalar(text, key string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "true")
	case reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		v.SetInt(n)
	default:
		return fmt.Errorf("%s: %s is not decoded", key, v.Type())
	}
	return nil
}

func given(form url.Values, key string) bool {
	if form.Has(key) {
		return true
	}
	for name := range form {
		if strings.HasPrefix(name, key+".") {
			return true
		}
	}
	return false
}

// encodeAnswer writes an SDK output as AWS answers an action.
func encodeAnswer(action, requestID string, output any) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<%sResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">`, action)
	fmt.Fprintf(&b, "<%sResult>", action)
	encodeFields(&b, reflect.ValueOf(output).Elem())
	fmt.Fprintf(
		&b, "</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", action, requestID,
		action,
	)
	return []byte(b.String())
}

func encodeFields(b *strings.Builder, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && field.Name != "ResultMetadata" {
			encodeValue(b, field.Name, v.Field(i))
		}
	}
}

func encodeValue(b *strings.Builder, name string, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil(), v.Kind() == reflect.Slice && v.IsNil():
		return
	case v.Kind() == reflect.Pointer:
		fmt.Fprintf(b, "<%s>", name)
		encodeContent(b, v.Elem())
		fmt.Fprintf(b, "</%s>", name)
	case v.Kind() == reflect.String && v.Len() == 0: // an enum that says nothing
		return
	default:
		fmt.Fprintf(b, "<%s>", name)
		encodeContent(b, v)
		fmt.Fprintf(b, "</%s>", name)
	}
}

func encodeContent(b *strings.Builder, v reflect.Value) {
	if at, ok := v.Interface().(time.Time); ok {
		b.WriteString(at.UTC().Format("2006-01-02T15:04:05.000Z"))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		encodeFields(b, v)
	case reflect.Slice:
		for i := range v.Len() {
			b.WriteString("<member>")
			encodeContent(b, v.Index(i))
			b.WriteString("</member>")
		}
	case reflect.String:
		_ = xml.EscapeText(b, []byte(v.String())) // a strings.Builder never fails
	default:
		fmt.Fprint(b, v.Interface())
	}
}
