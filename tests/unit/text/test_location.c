/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/type.h"
#include "kit.h"

static void a_location_is_read_without_rounding(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *hex, *again;
	} cases[] = {
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W 0.00m 1m 10000m 10m",
		 "001216138b0d2c8c7ff8fca500989680",
		 "51 30 12.748 N 0 7 39.611 W 0.00m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W 42849672.95m",
		 "001216138b0d2c8c7ff8fca5ffffffff",
		 "51 30 12.748 N 0 7 39.611 W 42849672.95m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W -100000m",
		 "001216138b0d2c8c7ff8fca500000000",
		 "51 30 12.748 N 0 7 39.611 W -100000.00m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W 0m 90000000m",
		 "009916138b0d2c8c7ff8fca500989680",
		 "51 30 12.748 N 0 7 39.611 W 0.00m 90000000.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W 0m 90000000.99m",
		 "009916138b0d2c8c7ff8fca500989680",
		 "51 30 12.748 N 0 7 39.611 W 0.00m 90000000.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 N 0 W 0", "001216138af183808000000000989680",
		 "51 0 0.000 N 0 0 0.000 E 0.00m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 n 0 w 0", "001216138af183808000000000989680",
		 "51 0 0.000 N 0 0 0.000 E 0.00m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 5 N 180 W 0", "001216138b0d0e4859604e0000989680",
		 "51 30 5.000 N 180 0 0.000 W 0.00m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 5 N 18 W 0 0.01m", "001016138b0d0e487c233b0000989680",
		 "51 30 5.000 N 18 0 0.000 W 0.00m 0.01m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 5 N 18 W 0 0.00m", "000016138b0d0e487c233b0000989680",
		 "51 30 5.000 N 18 0 0.000 W 0.00m 0.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 5 N 18 W 0 1.5m", "001216138b0d0e487c233b0000989680",
		 "51 30 5.000 N 18 0 0.000 W 0.00m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 5 N 18 W .5", "001216138b0d0e487c233b00009896b2",
		 "51 30 5.000 N 18 0 0.000 W 0.50m 1.00m 10000.00m 10.00m"},
		{DNS_TYPE_LOC, "51 30 5. N 18 W 0.", "001216138b0d0e487c233b0000989680",
		 "51 30 5.000 N 18 0 0.000 W 0.00m 1.00m 10000.00m 10.00m"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_reads(cases[i].type, cases[i].text, cases[i].hex, cases[i].again);
}

static void a_location_out_of_range_is_refused(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *error;
	} cases[] = {
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W 42849672.96m",
		 "\"42849672.96m\" is not an altitude from -100000m to 42849672.95m"},
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W -100000.01m",
		 "\"-100000.01m\" is not an altitude from -100000m to 42849672.95m"},
		{DNS_TYPE_LOC, "51 30 12.748 N 0 7 39.611 W 0m 90000001m",
		 "\"90000001m\" is not a length from 0m to 90000000m"},
		{DNS_TYPE_LOC, "51 30 12.7485 N 0 7 39.611 W 0m",
		 "\"12.7485\" is not a number of the latitude, or too large"},
		{DNS_TYPE_LOC, "51 N 0 W", "the altitude is missing"},
		{DNS_TYPE_LOC, "90 0 0.001 N 0 W 0", "the latitude is more than 90 degrees"},
		{DNS_TYPE_LOC, "51 60 N 0 W 0",
		 "\"60\" is not a number of the latitude, or too large"},
		{DNS_TYPE_LOC, "51.5 N 0 W 0",
		 "\"51.5\" is not a number of the latitude, or too large"},
		{DNS_TYPE_LOC, "51 30.5 N 0 W 0",
		 "\"30.5\" is not a number of the latitude, or too large"},
		{DNS_TYPE_LOC, "51 30 60 N 0 W 0",
		 "\"60\" is not a number of the latitude, or too large"},
		{DNS_TYPE_LOC, "51 30 5 N 181 W 0",
		 "\"181\" is not a number of the longitude, or too large"},
		{DNS_TYPE_LOC, "51 30 5 N 18 W 0 1m 1m 1m 1m",
		 "\"1m\" is more than the record has"},
		{DNS_TYPE_LOC, "51 30 5 N 18 W 0 0.001m",
		 "\"0.001m\" is not a length from 0m to 90000000m"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_fails(cases[i].type, cases[i].text, cases[i].error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_location_is_read_without_rounding),
		cmocka_unit_test(a_location_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
