/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/error.h"

#include <errno.h>
#include <stddef.h>
#include <weft/context.h>

struct meaning {
	int error; /* negative errno */
	int code;  /* enum weft_error */
};

struct described {
	const char *name, *text;
};

/* By the negative of the code. */
static const struct described described[] = {
	[-WEFT_OK] = {"WEFT_OK", "no error"},
	[-WEFT_E_FAILED] = {"WEFT_E_FAILED", "failed"},
	[-WEFT_E_MEMORY] = {"WEFT_E_MEMORY", "out of memory"},
	[-WEFT_E_NOT_FOUND] = {"WEFT_E_NOT_FOUND", "no such service or name is registered"},
	[-WEFT_E_NO_REGISTRY] = {"WEFT_E_NO_REGISTRY", "no registry is known, or none answers"},
	[-WEFT_E_TIMEOUT] = {"WEFT_E_TIMEOUT", "not done in the time given"},
	[-WEFT_E_UNREACHABLE] = {"WEFT_E_UNREACHABLE", "no instance can be connected to"},
	[-WEFT_E_NAME] = {"WEFT_E_NAME", "not a domain name, or too long"},
	[-WEFT_E_TEXT] = {"WEFT_E_TEXT", "a TXT key or value is not valid, or too long"},
	[-WEFT_E_PORT] = {"WEFT_E_PORT", "a port is not from 1 to 65535"},
	[-WEFT_E_ARGUMENT] = {"WEFT_E_ARGUMENT", "an argument is not valid, or not at this time"},
	[-WEFT_E_CONFIG] = {"WEFT_E_CONFIG", "the configuration is not valid"},
	[-WEFT_E_KEY] = {"WEFT_E_KEY", "no key, or one that cannot be read or is not known"},
	[-WEFT_E_TLS] = {"WEFT_E_TLS", "TLS failed"},
	[-WEFT_E_ANSWER] = {"WEFT_E_ANSWER", "a server's answer is not valid"},
	[-WEFT_E_REFUSED] = {"WEFT_E_REFUSED", "refused by the registry"},
	[-WEFT_E_CONFLICT] = {"WEFT_E_CONFLICT", "the name belongs to another key"},
	[-WEFT_E_CLOCK] = {"WEFT_E_CLOCK", "the clocks of host and registry differ too much"},
	[-WEFT_E_TOO_LARGE] = {"WEFT_E_TOO_LARGE", "too large for a message or a limit"},
	[-WEFT_E_CANCELLED] = {"WEFT_E_CANCELLED", "ended by the caller"},
	[-WEFT_E_SYSTEM] = {"WEFT_E_SYSTEM", "a system call failed"},
};

enum { NDESCRIBED = sizeof(described) / sizeof(*described) };

/* Each list ends with the code of errnos that are not in it. */
static const struct meaning of_rooms[] = {
	{-ENOMEM, WEFT_E_MEMORY},
	{-ENOENT, WEFT_E_NOT_FOUND},
	{-EADDRNOTAVAIL, WEFT_E_NO_REGISTRY},
	{-EHOSTUNREACH, WEFT_E_NO_REGISTRY},
	{-ENETUNREACH, WEFT_E_NO_REGISTRY},
	{-ETIMEDOUT, WEFT_E_NO_REGISTRY},
	{-EBADMSG, WEFT_E_ANSWER},
	{-EACCES, WEFT_E_REFUSED},
	{-EEXIST, WEFT_E_CONFLICT},
	{-ENOKEY, WEFT_E_KEY},
	{-ETIME, WEFT_E_CLOCK},
	{-EMSGSIZE, WEFT_E_TOO_LARGE},
	{-EINVAL, WEFT_E_ARGUMENT},
	{-EPROTO, WEFT_E_TLS},
	{-ECANCELED, WEFT_E_CANCELLED},
	{0, WEFT_E_SYSTEM},
};

static const struct meaning of_connect[] = {
	{-ENOMEM, WEFT_E_MEMORY}, {-ETIMEDOUT, WEFT_E_TIMEOUT}, {-EMFILE, WEFT_E_SYSTEM},
	{-ENFILE, WEFT_E_SYSTEM}, {-ENOBUFS, WEFT_E_SYSTEM},	{-ECANCELED, WEFT_E_CANCELLED},
	{0, WEFT_E_UNREACHABLE},
};

static const struct meaning of_settings[] = {
	{-ENOMEM, WEFT_E_MEMORY}, {-ENOKEY, WEFT_E_KEY},    {-EPROTO, WEFT_E_TLS},
	{-EMFILE, WEFT_E_SYSTEM}, {-ENFILE, WEFT_E_SYSTEM}, {0, WEFT_E_CONFIG},
};

static int code_of(const struct meaning *all, int error)
{
	if (error == 0)
		return WEFT_OK;
	while (all->error != 0 && all->error != error)
		all++;
	return all->code;
}

int api_error_from_errno(int error)
{
	return code_of(of_rooms, error);
}

int api_error_of_connect(int error)
{
	return code_of(of_connect, error);
}

int api_error_of_settings(int error)
{
	return code_of(of_settings, error);
}

static const struct described *describe(int error)
{
	if (error > 0 || error <= -NDESCRIBED)
		return &described[-WEFT_E_FAILED];
	return &described[-error];
}

const char *weft_strerror(int error)
{
	return describe(error)->text;
}

const char *weft_error_name(int error)
{
	return describe(error)->name;
}
