/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/tree.h - a document of settings that was not read from a YAML text, but is built node by
 * node: for a configuration in another format, read by the same tables.
 *
 * Nodes are numbers, from 1; 0 stands for one that could not be made. The first node is the root.
 * It does not know what the nodes mean. One thread for a tree. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct conf_reader;
struct conf_setting;
struct conf_tree;
struct yaml_node_s;

/* What a node is, in a document of either origin. */
enum conf_tree_kind {
	CONF_TREE_NOTHING,
	CONF_TREE_PLAIN,  /* a single value without quotes */
	CONF_TREE_QUOTED, /* or a block: surely a text */
	CONF_TREE_LIST,
	CONF_TREE_MAPPING,
};

/* Returns what the node is. */
enum conf_tree_kind conf_tree_kind_of(const struct yaml_node_s *node);

/* Returns how many items a list has, or pairs a mapping; 1 for a single value, 0 for nothing. */
size_t conf_tree_count(const struct yaml_node_s *node);

/* Returns false if the node is a single value that contains a zero byte. */
bool conf_tree_is_text(const struct yaml_node_s *node);

/* Returns an empty tree for the caller to free, or NULL if memory is short. */
struct conf_tree *conf_tree_new(void);

/* Frees the tree. NULL is fine. */
void conf_tree_free(struct conf_tree *tree);

/* Add a node. `line`, from 1, is what its location will be. Return the node; 0 if memory is short,
 * the text is not UTF-8, or there are too many nodes. */
int conf_tree_add_text(struct conf_tree *tree, const char *text, size_t nbytes, bool is_quoted,
		       unsigned line);
int conf_tree_add_list(struct conf_tree *tree, unsigned line);
int conf_tree_add_mapping(struct conf_tree *tree, unsigned line);

/* Add an item to a list, a pair to a mapping. Return whether that was possible. */
bool conf_tree_append_item(struct conf_tree *tree, int list, int item);
bool conf_tree_append_pair(struct conf_tree *tree, int mapping, int key, int value);

/* Calls `on_root` with the root while the tree is the reader's document. */
void conf_tree_read(struct conf_reader *r, struct conf_tree *tree,
		    void (*on_root)(struct conf_reader *r, struct yaml_node_s *root, void *arg),
		    void *arg);
