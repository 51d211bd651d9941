# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
#
# Completion of weft(1) for fish. What may follow the words is known to weft, whose commands and
# names are so always its own: `weft --complete`.

function __weft_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l option ''
    if string match -qr -- '^--[^=]+=' $word
        set option (string replace -r -- '=.*' '=' $word)
        set -a words (string trim -r -c = -- $option)
        set word (string replace -r -- '^[^=]*=' '' $word)
    end
    set -l typed (string unescape -- $word; or echo -- $word)
    set -l program (string replace -r -- '^~/' "$HOME/" $words[1])
    set -l lines ($program --complete $words[2..] "$typed" 2>/dev/null)
    switch "$lines[1]"
        case :files
            printf '%s\n' $option(__fish_complete_path $word)
        case :folders
            printf '%s\n' $option(__fish_complete_directories $word)
        case '?*'
            printf '%s\n' $option$lines
    end
end

complete -c weft -f -a '(__weft_complete)'
