/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	NEST_MAX = 50,	   /* parentheses in each other */
	HEAP_MAX = 8192,   /* KiB of a match */
	STEPS_BASE = 2000, /* PCRE2 counts its steps anew where a match may begin */
	STEPS_EACH = 4,	   /* more for each octet of the text */
};

struct schema_pattern {
	pcre2_code *code;
	bool is_anchored;
	char text[];
};

static pcre2_code *code_compile(const char *text, int *problem, PCRE2_SIZE *offset)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;

	*problem = PCRE2_ERROR_NOMEMORY;
	if (context == NULL)
		return NULL;
	pcre2_set_max_pattern_length(context, SCHEMA_PATTERN_MAX);
	pcre2_set_parens_nest_limit(context, NEST_MAX);
	/* ECMA-262: $ matches at the end alone, \u has four digits. */
	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
			     PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX |
				     PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP,
			     problem, offset, context);
	pcre2_compile_context_free(context);
	return code;
}

int schema_pattern_new(struct schema_pattern **out, const char *text, struct base_error *error)
{
	size_t nbytes = strlen(text);
	struct schema_pattern *pattern;
	PCRE2_SIZE offset = 0;
	PCRE2_UCHAR reason[200];
	uint32_t options = 0;
	int problem;

	*out = NULL;
	pattern = malloc(sizeof(*pattern) + nbytes + 1);
	if (pattern == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	pattern->code = code_compile(text, &problem, &offset);
	if (pattern->code == NULL) {
		free(pattern);
		if (problem == PCRE2_ERROR_NOMEMORY)
			return base_error_set(error, -ENOMEM, "out of memory");
		pcre2_get_error_message(problem, reason, sizeof(reason));
		return base_error_set(error, -EINVAL, "%s is not a regular expression: %s (at %zu)",
				      text, (const char *)reason, (size_t)offset);
	}
	pcre2_pattern_info(pattern->code, PCRE2_INFO_ALLOPTIONS, &options);
	pattern->is_anchored = (options & PCRE2_ANCHORED) != 0;
	memcpy(pattern->text, text, nbytes + 1);
	*out = pattern;
	return 0;
}

void schema_pattern_free(struct schema_pattern *pattern)
{
	if (pattern != NULL)
		pcre2_code_free(pattern->code);
	free(pattern);
}

const char *schema_pattern_text(const struct schema_pattern *pattern)
{
	return pattern->text;
}

size_t schema_pattern_cost(const struct schema_pattern *pattern, size_t nbytes)
{
	size_t starts = pattern->is_anchored ? 1 : nbytes + 1;

	return starts * ((STEPS_BASE + STEPS_EACH * nbytes) / 100);
}

int schema_pattern_match(const struct schema_pattern *pattern, const char *text, size_t nbytes)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int found, ret = -ENOMEM;

	if (context == NULL || data == NULL)
		goto out;
	pcre2_set_match_limit(context, (uint32_t)(STEPS_BASE + STEPS_EACH * nbytes));
	pcre2_set_heap_limit(context, HEAP_MAX);
	found = pcre2_match(pattern->code, (PCRE2_SPTR)text, nbytes, 0, 0, data, context);
	if (found >= 0)
		ret = 1;
	else if (found == PCRE2_ERROR_NOMATCH)
		ret = 0;
	else if (found != PCRE2_ERROR_NOMEMORY)
		ret = -E2BIG; /* one of the limits */
out:
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	return ret;
}
