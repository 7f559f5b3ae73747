/* SPDX-License-Identifier: ISC */
/*
 * yaml2json: turns the one YAML document on standard input into JSON on
 * standard output; built and run by the build itself, for doc/openapi.yaml.
 * With -c NAME the JSON comes as a C array of that name, to be linked in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <yaml.h>

static void
fail(const char *what, size_t line)
{
	fprintf(stderr, "yaml2json: line %zu: %s\n", line + 1, what);
	exit(1);
}

static struct json_object *
scalar(const yaml_node_t *n)
{
	const char *s = (const char *)n->data.scalar.value;
	char *end;
	long long i;
	double d;

	if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return json_object_new_string(s);
	if (strcmp(s, "null") == 0 || strcmp(s, "~") == 0 || *s == '\0')
		return NULL;
	if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0)
		return json_object_new_boolean(*s == 't');
	if (strchr("-0123456789", *s) == NULL)
		return json_object_new_string(s);
	errno = 0;
	i = strtoll(s, &end, 10);
	if (*end == '\0' && errno == 0)
		return json_object_new_int64(i);
	d = strtod(s, &end);
	if (*end == '\0')
		return json_object_new_double_s(d, s);
	return json_object_new_string(s);
}

static struct json_object *convert(yaml_document_t *doc, int index);

static struct json_object *
sequence(yaml_document_t *doc, const yaml_node_t *n)
{
	struct json_object *a = json_object_new_array();
	yaml_node_item_t *i;

	for (i = n->data.sequence.items.start;
	    i < n->data.sequence.items.top; i++)
		json_object_array_add(a, convert(doc, *i));
	return a;
}

static struct json_object *
mapping(yaml_document_t *doc, const yaml_node_t *n)
{
	struct json_object *o = json_object_new_object();
	yaml_node_pair_t *p;
	yaml_node_t *k;
	const char *key;

	for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
	    p++) {
		k = yaml_document_get_node(doc, p->key);
		if (k->type != YAML_SCALAR_NODE)
			fail("a key that is not a scalar", k->start_mark.line);
		key = (const char *)k->data.scalar.value;
		if (json_object_object_get_ex(o, key, NULL))
			fail("a key comes twice", k->start_mark.line);
		json_object_object_add(o, key, convert(doc, p->value));
	}
	return o;
}

static struct json_object *
convert(yaml_document_t *doc, int index)
{
	yaml_node_t *n = yaml_document_get_node(doc, index);

	if (n->type == YAML_SEQUENCE_NODE)
		return sequence(doc, n);
	if (n->type == YAML_MAPPING_NODE)
		return mapping(doc, n);
	return scalar(n);
}

static void
print_array(const char *name, const char *text)
{
	size_t i, len = strlen(text);

	printf("extern const unsigned char %s[];\n"
	    "extern const unsigned long %s_len;\n"
	    "const unsigned char %s[] = {", name, name, name);
	for (i = 0; i < len; i++)
		printf("%s%d,", i % 16 == 0 ? "\n" : "",
		    (unsigned char)text[i]);
	printf("\n};\nconst unsigned long %s_len = %zu;\n", name, len);
}

int
main(int argc, char **argv)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	struct json_object *o;
	const char *text;

	yaml_parser_initialize(&parser);
	yaml_parser_set_input_file(&parser, stdin);
	if (!yaml_parser_load(&parser, &doc))
		fail(parser.problem, parser.problem_mark.line);
	if (yaml_document_get_root_node(&doc) == NULL)
		fail("the document is empty", 0);
	o = convert(&doc, 1);
	text = json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (argc == 3 && strcmp(argv[1], "-c") == 0)
		print_array(argv[2], text);
	else
		puts(text);
	json_object_put(o);
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
