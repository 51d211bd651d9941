/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/doctor.h - weft doctor: which hop on the way of a name lies. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Visits the hops of the name, and shows what was found. Fits cli_command.run. */
int doctor_run(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args);
