/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/command.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { PASSWD_BYTES = 16384 };

int child_user_find(struct child_user *out, const char *name, struct base_error *error)
{
	struct child_user found = {0};
	struct passwd entry, *result;
	char bytes[PASSWD_BYTES];
	int n = CHILD_GROUPS_MAX;
	int ret = getpwnam_r(name, &entry, bytes, sizeof(bytes), &result);

	if (ret != 0)
		return base_error_set(error, -ret, "user %s: %s", name, strerror(ret));
	if (result == NULL)
		return base_error_set(error, -ENOENT, "there is no user %s", name);
	found.uid = entry.pw_uid;
	found.gid = entry.pw_gid;
	if (getgrouplist(name, entry.pw_gid, found.groups, &n) < 0)
		return base_error_set(error, -E2BIG, "user %s is in more than %d groups", name,
				      CHILD_GROUPS_MAX);
	found.ngroups = (size_t)n;
	*out = found;
	return 0;
}

const char *child_environment_get(const char *const *environment, const char *name)
{
	size_t n = strlen(name);

	for (; environment != NULL && *environment != NULL; environment++)
		if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=')
			return *environment + n + 1;
	return NULL;
}

/* Finds the value of the variable that begins after a `$` at `text`, with the bytes of its name in
 * `nname`. Returns NULL if it is not one. */
static const char *value_find(const char *text, const char *const *environment, size_t *nname)
{
	size_t open = text[0] == '{', n = open;
	char name[128];

	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	if (n == open || n - open >= sizeof(name) || (open != 0 && text[n] != '}'))
		return NULL;
	memcpy(name, text + open, n - open);
	name[n - open] = '\0';
	*nname = n + open;
	return child_environment_get(environment, name);
}

/* Expands one word to `out`, or only counts if that is NULL. Returns the bytes, with NUL. */
static size_t expand(char *out, const char *word, const char *const *environment)
{
	size_t nbytes = 0;

	while (*word != '\0') {
		const char *piece = word;
		size_t npiece = 1, nname = 0;

		if (word[0] == '$' && word[1] == '$') {
			word++;
		} else if (word[0] == '$') {
			const char *value = value_find(word + 1, environment, &nname);

			if (value != NULL) {
				piece = value;
				npiece = strlen(value);
				word += nname;
			}
		}
		word++;
		if (out != NULL)
			memcpy(out + nbytes, piece, npiece);
		nbytes += npiece;
	}
	if (out != NULL)
		out[nbytes] = '\0';
	return nbytes + 1;
}

char **child_command_expand(const char *const *argv, const char *const *environment)
{
	size_t nwords = 0, nbytes = 0;
	char **words, *text;

	for (; argv[nwords] != NULL; nwords++)
		nbytes += expand(NULL, argv[nwords], environment);
	words = malloc((nwords + 1) * sizeof(*words) + nbytes);
	if (words == NULL)
		return NULL;
	text = (char *)(words + nwords + 1);
	for (size_t i = 0; i < nwords; i++) {
		words[i] = text;
		text += expand(text, argv[i], environment);
	}
	words[nwords] = NULL;
	return words;
}
