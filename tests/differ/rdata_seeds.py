# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Valid rdata of each type, as octets, and the numbers of the types."""

SAMPLES = """
A 1 c0000201
NS 2 016100
MD 3 016100
MF 4 016100
CNAME 5 016100
MB 7 016100
MG 8 016100
MR 9 016100
NULL 10 - 00ff
WKS 11 c0000201060040 c000020106
PTR 12 016100
HINFO 13 01610162 0000
MINFO 14 016100016100
MX 15 0001016100
TXT 16 0161 00 01610162
RP 17 016100016100
AFSDB 18 0001016100
X25 19 0431313131 0131
ISDN 20 0431313131 04313131310131
RT 21 0001016100
NSAP 22 47 470005
NSAP-PTR 23 016100
SIG 24 00010d010000000160000000500000003039016100aabb
KEY 25 0100030daabb c000030d 0200000503010001aabbccddee 0000ff01030100010000000000
PX 26 0001016100016100
GPOS 27 022d3101310131 013101310131
AAAA 28 20010db8000000000000000000000001
LOC 29 00121613800000008000000000989680
NXT 30 01610040000001 0161004000
EID 31 aa
NIMLOC 32 aa
SRV 33 000100020003016100
ATMA 34 0031 013131
NAPTR 35 0001000201550353495000016100 0001000201750006212e2a21782100
KX 36 0001016100
CERT 37 0001000000aa
A6 38 0020010db8000000000000000000000001 400000000000000001016100 80016100
DNAME 39 016100
SINK 40 400000 010100aa
APL 42 - 00011803c00002 00020000 000108810a
DS 43 30390d01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    30390d04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~
    aaaaaaaaaaaaaa 30390d03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    30390dc8aa
SSHFP 44 0101aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    0402aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0107aa
IPSECKEY 45 010002aabb 010102c0000201aabb 01020220010db8000000000000000000000001aabb
    010302016100aabb 010000
RRSIG 46 00010d010000000160000000500000003039016100aabb
NSEC 47 016100000140 0161000006400000000003
DNSKEY 48 0100030daabb
    0101030daaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0100030803010001aabbccddee
DHCID 49 000201aa aa
NSEC3 50 0100000102aabb14aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000140
    010000010014aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
NSEC3PARAM 51 0100000102aabb 0100000000
TLSA 52 030101aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    030102aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 030100aa
SMIMEA 53 030101aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    030102aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 030100aa
HIP 55 10020004aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbccddee
    10020004aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbccddee016100016100
NINFO 56 0161
RKEY 57 00000105aabb
TALINK 58 016100016100
CDS 59 30390d01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0000000000
CDNSKEY 60 0100030daabb 0000030000
OPENPGPKEY 61 aa
CSYNC 62 000000010003000140 000000010000
ZONEMD 63
    000000010101aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~
    aaaaaaaaaaaaaaaaaa
    000000010102aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0000000102f0aaaaaaaaaaaaaaaaaaaaaaaa
SVCB 64 0000016100 000100 00010000010003026832 0001000003000201bb 0001000000000200030003000201bb
    00010000040004c0000201 0001000006001020010db8000000000000000000000001
    0001000001000302683200020000 00010000050004aabbccdd 000100000700082f717b3f646e737d
    000100029b0002aabb 000100029b0000
DSYNC 66 003b0114eb016100
SPF 99 0161
UINFO 100 61
UID 101 00000001
GID 102 00000001
UNSPEC 103 aa
NID 104 00010000000000000001
L32 105 0001c0000201
L64 106 00010000000000000001
LP 107 0001016100
EUI48 108 aabbccddeeff
EUI64 109 aabbccddeeff0011
URI 256 0001000261
CAA 257 0005697373756561 80056973737565
AVC 258 0161
DOA 259 0000000100000002010161aa
AMTRELAY 260 0100 0101c0000201 018220010db8000000000000000000000001 0103016100
RESINFO 261 0161
TA 32768 30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
DLV 32769 30390d01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
HTTPS 65 0000016100 000100 00010000010003026832 0001000003000201bb 0001000000000200030003000201bb
    00010000040004c0000201 0001000006001020010db8000000000000000000000001
    0001000001000302683200020000 00010000050004aabbccdd 000100000700082f717b3f646e737d
    000100029b0002aabb 000100029b0000
"""

SEEDS, NUMBERS = {}, {}
for line in SAMPLES.replace("~\n    ", "").replace("\n    ", " ").strip().split("\n"):
    mnemonic, number, *samples = line.split()
    NUMBERS[mnemonic] = int(number)
    SEEDS[mnemonic] = [bytes.fromhex(s.replace("-", "")) for s in samples]
