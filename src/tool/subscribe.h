/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/subscribe.h - weft subscribe: the records of a name as they come and go. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Follows the records of type args[1] at the name args[0]. Returns an exit status. */
int tool_subscribe(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args);
