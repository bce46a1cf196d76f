package yamlfile

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Decode fills what into points to from the node: structs by their yaml tags,
// slices, maps by text, pointers, texts, booleans and integers. A field that a
// struct does not have is a fault, and so is a value of another kind. Nothing
// leaves a value as it is; numbers, true and false are texts where a text is
// wanted, as they are written: a telephone number stays one.
func (f *File) Decode(n Node, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("%s: decode into %T, which is no pointer", f.Name, into)
	}
	return f.decode(n, target.Elem())
}

func (f *File) decode(n Node, target reflect.Value) error {
	if n.Kind == Null {
		return nil
	}
	switch target.Kind() {
	case reflect.Pointer:
		made := reflect.New(target.Type().Elem())
		if err := f.decode(n, made.Elem()); err != nil {
			return err
		}
		target.Set(made)
		return nil
	case reflect.Struct:
		return f.decodeStruct(n, target)
	case reflect.Slice:
		return f.decodeSlice(n, target)
	case reflect.Map:
		return f.decodeMap(n, target)
	case reflect.String:
		if n.Kind == List || n.Kind == Map {
			return f.wants(n, String)
		}
		target.SetString(n.Text)
		return nil
	case reflect.Bool:
		if n.Kind != Bool {
			return f.wants(n, Bool)
		}
		target.SetBool(strings.EqualFold(n.Text, "true"))
		return nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		if n.Kind != Number {
			return f.wants(n, Number)
		}
		number, err := strconv.ParseInt(n.Text, 10, target.Type().Bits())
		if err != nil {
			return f.Faultf(n, "%s is no whole number that fits here", n.Text)
		}
		target.SetInt(number)
		return nil
	default:
		return fmt.Errorf("%s: decode into %s, which is not supported", f.Name, target.Type())
	}
}

func (f *File) decodeStruct(n Node, target reflect.Value) error {
	if n.Kind != Map {
		return f.wants(n, Map)
	}
	for _, entry := range n.Entries {
		field, ok := fieldOf(target, entry.Key.Text)
		if !ok {
			return f.Faultf(entry.Key, "unknown field %q", entry.Key.Text)
		}
		if err := f.decode(entry.Value, field); err != nil {
			return err
		}
	}
	return nil
}

// fieldOf finds the exported field with the key as its tag.
func fieldOf(target reflect.Value, key string) (reflect.Value, bool) {
	kind := target.Type()
	for i := range kind.NumField() {
		if field := kind.Field(i); field.IsExported() && field.Tag.Get("yaml") == key {
			return target.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func (f *File) decodeSlice(n Node, target reflect.Value) error {
	if n.Kind != List {
		return f.wants(n, List)
	}
	made := reflect.MakeSlice(target.Type(), len(n.Items), len(n.Items))
	for i, item := range n.Items {
		if err := f.decode(item, made.Index(i)); err != nil {
			return err
		}
	}
	target.Set(made)
	return nil
}

func (f *File) decodeMap(n Node, target reflect.Value) error {
	if n.Kind != Map {
		return f.wants(n, Map)
	}
	kind := target.Type()
	if kind.Key().Kind() != reflect.String {
		return fmt.Errorf("%s: decode into %s, which is not supported", f.Name, kind)
	}
	made := reflect.MakeMapWithSize(kind, len(n.Entries))
	for _, entry := range n.Entries {
		value := reflect.New(kind.Elem()).Elem()
		if err := f.decode(entry.Value, value); err != nil {
			return err
		}
		made.SetMapIndex(reflect.ValueOf(entry.Key.Text).Convert(kind.Key()), value)
	}
	target.Set(made)
	return nil
}
