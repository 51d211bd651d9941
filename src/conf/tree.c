/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/tree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "conf/reader.h"

struct conf_tree {
	yaml_document_t document;
};

enum conf_tree_kind conf_tree_kind_of(const struct yaml_node_s *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		return CONF_TREE_LIST;
	case YAML_MAPPING_NODE:
		return CONF_TREE_MAPPING;
	default:
		if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
			return CONF_TREE_QUOTED;
		return node->data.scalar.length == 0 ? CONF_TREE_NOTHING : CONF_TREE_PLAIN;
	}
}

size_t conf_tree_count(const struct yaml_node_s *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	case YAML_MAPPING_NODE:
		return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
	default:
		return conf_tree_kind_of(node) != CONF_TREE_NOTHING;
	}
}

bool conf_tree_is_text(const struct yaml_node_s *node)
{
	return node->type != YAML_SCALAR_NODE ||
	       strlen((const char *)node->data.scalar.value) == node->data.scalar.length;
}

struct conf_tree *conf_tree_new(void)
{
	struct conf_tree *tree = calloc(1, sizeof(*tree));

	if (tree != NULL && !yaml_document_initialize(&tree->document, NULL, NULL, NULL, 1, 1)) {
		free(tree);
		return NULL;
	}
	return tree;
}

void conf_tree_free(struct conf_tree *tree)
{
	if (tree != NULL)
		yaml_document_delete(&tree->document);
	free(tree);
}

static int node_locate(struct conf_tree *tree, int node, unsigned line)
{
	if (node != 0)
		yaml_document_get_node(&tree->document, node)->start_mark.line = line - 1;
	return node;
}

int conf_tree_add_text(struct conf_tree *tree, const char *text, size_t nbytes, bool is_quoted,
		       unsigned line)
{
	if (nbytes > INT_MAX)
		return 0;
	return node_locate(tree,
			   yaml_document_add_scalar(&tree->document, NULL,
						    (const yaml_char_t *)text, (int)nbytes,
						    is_quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
							      : YAML_PLAIN_SCALAR_STYLE),
			   line);
}

int conf_tree_add_list(struct conf_tree *tree, unsigned line)
{
	return node_locate(
		tree, yaml_document_add_sequence(&tree->document, NULL, YAML_ANY_SEQUENCE_STYLE),
		line);
}

int conf_tree_add_mapping(struct conf_tree *tree, unsigned line)
{
	return node_locate(tree,
			   yaml_document_add_mapping(&tree->document, NULL, YAML_ANY_MAPPING_STYLE),
			   line);
}

bool conf_tree_append_item(struct conf_tree *tree, int list, int item)
{
	return item != 0 && yaml_document_append_sequence_item(&tree->document, list, item);
}

bool conf_tree_append_pair(struct conf_tree *tree, int mapping, int key, int value)
{
	return key != 0 && value != 0 &&
	       yaml_document_append_mapping_pair(&tree->document, mapping, key, value);
}

void conf_tree_read(struct conf_reader *r, struct conf_tree *tree,
		    void (*on_root)(struct conf_reader *r, struct yaml_node_s *root, void *arg),
		    void *arg)
{
	struct yaml_document_s *outer = r->document;
	struct yaml_node_s *root = yaml_document_get_root_node(&tree->document);

	r->document = &tree->document;
	if (root != NULL)
		on_root(r, root, arg);
	r->document = outer;
}
