function __tandem_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tandem_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __tandem_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tandem_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __tandem_parse_tokens -S
    set -l unparsed_tokens (__tandem_tokens -pc)
    switch $unparsed_tokens[1]
    case 'tandem'
        __tandem_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'cluster'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tandem_parse_subcommand 0 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'show'
                __tandem_parse_subcommand 1 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'add'
                __tandem_parse_subcommand 1 'kind=' 'site=' 'primary' 'server=+' 'reapply-by-itself' 'people=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'remove'
                __tandem_parse_subcommand 1 'reason=' 'yes' 'seen=' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'window'
                __tandem_parse_subcommand 1 'from=' 'until=' 'clear' 'reason=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'server'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tandem_parse_subcommand 0 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'recovered'
                __tandem_parse_subcommand 1 'reason=' 'yes' 'seen=' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'replace'
                __tandem_parse_subcommand 1 'agent-certificate=' 'reason=' 'yes' 'seen=' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'enrol'
                __tandem_parse_subcommand 1 'agent-certificate=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'restore-service'
                __tandem_parse_subcommand 1 'statement=' 'accept-data-loss' 'reason=' 'yes' 'seen=' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'logs'
                __tandem_parse_subcommand 1 'wait=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'upgrade'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'press'
                __tandem_parse_subcommand 2 'server=' 'release=' 'statement=' 'acknowledge-notices' 'accept-data-loss' 'reason=' 'yes' 'seen=' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'take-over'
                __tandem_parse_subcommand 1 'reason=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'approve'
            __tandem_parse_subcommand 1 'withdraw' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
        case 'config'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'set'
                __tandem_parse_subcommand 2 'schema=' 'reason=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'list'
                __tandem_parse_subcommand 1 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'diff'
                __tandem_parse_subcommand 1 'from=' 'to=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'reapply'
                __tandem_parse_subcommand 1 'reason=' 'yes' 'seen=' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'image'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'key'
                __tandem_parse_subcommand 1 'json' 'version' 'h/help'
            case 'build'
                __tandem_parse_subcommand 1 'o/output=' 'json' 'version' 'h/help'
            case 'sign'
                __tandem_parse_subcommand 1 'key=' 'json' 'version' 'h/help'
            case 'inspect'
                __tandem_parse_subcommand 1 'json' 'version' 'h/help'
            case 'verify'
                __tandem_parse_subcommand 1 'trust=' 'json' 'version' 'h/help'
            case 'add'
                __tandem_parse_subcommand 1 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'list'
                __tandem_parse_subcommand 0 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'stage'
                __tandem_parse_subcommand 2 'server=' 'wait=' 'no-wait' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'drop'
                __tandem_parse_subcommand 1 'server=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'alarm'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tandem_parse_subcommand 0 'history' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'acknowledge'
                __tandem_parse_subcommand 2 'note=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'log'
            __tandem_parse_subcommand 1 'limit=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
        case 'audit'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tandem_parse_subcommand 0 'limit=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'export'
                __tandem_parse_subcommand 1 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'version' 'h/help'
            case 'verify'
                __tandem_parse_subcommand 1 'key=' 'head=+' 'heads=' 'json' 'version' 'h/help'
            end
        case 'people'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tandem_parse_subcommand 0 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'token'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tandem_parse_subcommand 0 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'create'
                __tandem_parse_subcommand 1 'role=+' 'days=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'revoke'
                __tandem_parse_subcommand 1 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'version' 'h/help'
            end
        case 'watch'
            __tandem_parse_subcommand 1 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
        case 'emergency-stop'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'show'
                __tandem_parse_subcommand 0 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'on'
                __tandem_parse_subcommand 0 'reason=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            case 'off'
                __tandem_parse_subcommand 0 'reason=' 'config=' 'controller=' 'certificate=' 'key=' 'authority=' 'token-file=' 'json' 'version' 'h/help'
            end
        case 'ca'
            __tandem_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'init'
                __tandem_parse_subcommand 1 'days=' 'json' 'version' 'h/help'
            case 'issue'
                __tandem_parse_subcommand 0 'version' 'h/help'
                switch $unparsed_tokens[1]
                case 'agent'
                    __tandem_parse_subcommand 1 'id=' 'dir=' 'output=' 'days=' 'json' 'version' 'h/help'
                case 'controller'
                    __tandem_parse_subcommand 1 'host=+' 'dir=' 'output=' 'days=' 'json' 'version' 'h/help'
                case 'person'
                    __tandem_parse_subcommand 1 'dir=' 'output=' 'days=' 'json' 'version' 'h/help'
                end
            case 'renew'
                __tandem_parse_subcommand -r 1 'dir=' 'days=' 'json' 'version' 'h/help'
            end
        case 'help'
            __tandem_parse_subcommand -r 1 'version'
        end
    end
end

function __tandem_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __tandem_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __tandem_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __tandem_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__tandem_tokens -p)
    if test -z "$(__tandem_tokens -t)"
        set -l index (count (__tandem_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'tandem' -f
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'cluster' -d 'List, show, add and remove clusters; set their maintenance window.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'server' -d 'List servers and deal with one that is in trouble.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'upgrade' -d 'Press a button of the Upgrade Manager, or take an operation over.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'approve' -d 'Approve (or withdraw) a request of another person.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'config' -d 'The configuration versions of a cluster.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'image' -d 'Make release images, and bring them to controller and servers.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'alarm' -d 'Alarms that are raised, and were.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'log' -d 'The upgrade log: every action and step, the newest last.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'audit' -d 'Who asked for or caused which command; export it, and verify that it is whole.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'people' -d 'Accounts of the people who may use the controller.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'token' -d 'Tokens with which programs act in your name.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'watch' -d 'Show clusters, running actions and alarms as they change, until Ctrl-C.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'emergency-stop' -d 'Stop all commanding in the whole network, or go on.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'ca' -d 'A small certificate authority for agents, controllers and people.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem cluster" -eq 1' -fa 'list' -d 'The table of clusters with their servers.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem cluster" -eq 1' -fa 'show' -d 'One cluster: servers, operation, buttons and why not.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem cluster" -eq 1' -fa 'add' -d 'Add a cluster of one or two servers.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem cluster" -eq 1' -fa 'remove' -d 'Forget a cluster (two people).'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem cluster" -eq 1' -fa 'window' -d 'Show, set or clear a cluster\'s maintenance window.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" kind' -l 'kind' -d 'What it is for: cmp, scef-fe, scef, database, ...' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" site' -l 'site' -d 'Where it stands.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" primary' -l 'primary' -d 'That site is the primary one.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add"' -l 'server' -d 'NAME=CERTIFICATE; once or twice.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" reapply-by-itself' -l 'reapply-by-itself' -d 'Reapply the configuration by itself after each failover.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" people' -l 'people' -d 'People that each step forward needs: 1 or 2.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster add" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" yes' -l 'yes' -d 'Do not ask; needs --seen.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" seen' -l 'seen' -d 'The token of what you saw (`seen` of the cluster).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" no-wait' -l 'no-wait' -d 'Return as soon as the action has begun.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster remove" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" from' -l 'from' -d 'When it opens; now, if not given.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" until' -l 'until' -d 'When it ends: a time, or minutes from now.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" clear' -l 'clear' -d 'Take the window away.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem cluster window" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem server" -eq 1' -fa 'list' -d 'All servers: role, release, age of what is known.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem server" -eq 1' -fa 'recovered' -d 'Declare a zombie recovered: everything about it is observed anew.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem server" -eq 1' -fa 'replace' -d 'Put a new machine into a server\'s slot.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem server" -eq 1' -fa 'enrol' -d 'Let a new agent into a slot that Replace Server has freed.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem server" -eq 1' -fa 'restore-service' -d 'Promote this server where none is active.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem server" -eq 1' -fa 'logs' -d 'Collect a server\'s logs and print them.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" yes' -l 'yes' -d 'Do not ask; needs --seen.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" seen' -l 'seen' -d 'The token of what you saw (`seen` of the cluster).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" no-wait' -l 'no-wait' -d 'Return as soon as the action has begun.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server recovered" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" agent-certificate' -l 'agent-certificate' -d 'The new agent\'s certificate (PEM).' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'pem\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" yes' -l 'yes' -d 'Do not ask; needs --seen.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" seen' -l 'seen' -d 'The token of what you saw (`seen` of the cluster).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" no-wait' -l 'no-wait' -d 'Return as soon as the action has begun.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server replace" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" agent-certificate' -l 'agent-certificate' -d 'The new agent\'s certificate (PEM).' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'pem\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server enrol" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" statement' -l 'statement' -d 'What keeps the mate from serving: fenced or dead.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" accept-data-loss' -l 'accept-data-loss' -d 'You accept that data written since the last replication is lost.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" yes' -l 'yes' -d 'Do not ask; needs --seen.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" seen' -l 'seen' -d 'The token of what you saw (`seen` of the cluster).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" no-wait' -l 'no-wait' -d 'Return as soon as the action has begun.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server restore-service" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" wait' -l 'wait' -d 'Seconds to wait for the collection.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem server logs" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem upgrade" -eq 1' -fa 'press' -d 'Press a button; what `tandem upgrade BUTTON CLUSTER` does.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem upgrade" -eq 1' -fa 'take-over' -d 'Become the owner of a cluster\'s open operation.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem upgrade press" -eq 1' -fka 'start-upgrade continue-upgrade resume-upgrade start-rollback continue-rollback reapply-configuration try-again accept stop close close-as-observed recovered replace-server restore-service go-on-single declare-outcome demote fence hold release remove-cluster'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" server' -l 'server' -d 'The server, for buttons that act on one.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" release' -l 'release' -d 'The release to go to, such as scef-fe-12.6.1 (Start Upgrade).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" statement' -l 'statement' -d 'What the button asks you to state, such as fenced, dead, done, failed.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" acknowledge-notices' -l 'acknowledge-notices' -d 'You have read the release\'s notices (Start Upgrade).'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" accept-data-loss' -l 'accept-data-loss' -d 'You accept that data written since the last replication is lost.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" yes' -l 'yes' -d 'Do not ask; needs --seen.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" seen' -l 'seen' -d 'The token of what you saw (`seen` of the cluster).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" no-wait' -l 'no-wait' -d 'Return as soon as the action has begun.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade press" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem upgrade take-over" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" withdraw' -l 'withdraw' -d 'Take the request back instead.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" no-wait' -l 'no-wait' -d 'Return as soon as the action has begun.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem approve" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem config" -eq 1' -fa 'set' -d 'Save a new configuration version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem config" -eq 1' -fa 'list' -d 'The versions: who saved them, when and why.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem config" -eq 1' -fa 'diff' -d 'The difference between two versions.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem config" -eq 1' -fa 'reapply' -d 'Press Reapply Configuration and follow it to its end.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem config set" -eq 1' -F
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" schema' -l 'schema' -d 'The form of the document, such as scef-fe-2 (`image inspect`).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config set" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" from' -l 'from' -d 'The older version\'s number; 0 is an empty document.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" to' -l 'to' -d 'The newer version\'s number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config diff" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" yes' -l 'yes' -d 'Do not ask; needs --seen.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" seen' -l 'seen' -d 'The token of what you saw (`seen` of the cluster).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" no-wait' -l 'no-wait' -d 'Return as soon as the action has begun.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem config reapply" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'key' -d 'Make a key pair that signs release images.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'build' -d 'Build an image from a release description.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'sign' -d 'Add a signature to an image.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'inspect' -d 'Show what an image says about itself, without checking it.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'verify' -d 'Check an image\'s signatures and every file in it.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'add' -d 'Bring an image to the controller, which verifies it before it keeps it.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'list' -d 'The images that the controller holds, and the servers that hold them.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'stage' -d 'Push an image to the servers of a cluster, ahead of the window.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image" -eq 1' -fa 'drop' -d 'Forget an image on a server, or on the controller.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image key" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image key" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image key" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image build" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'yaml\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image build" o output' -l 'output' -s 'o' -d 'The image to write.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'iso\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image build" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image build" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image build" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image sign" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'iso\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image sign" key' -l 'key' -d 'A key made by `tandem image key` (NAME.key).' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'key\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image sign" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image sign" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image sign" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image inspect" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'iso\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image inspect" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image inspect" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image inspect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image verify" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'iso\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image verify" trust' -l 'trust' -d 'The trust file: whose signatures count, and how many are needed.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image verify" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image verify" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem image add" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'iso\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image add" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" server' -l 'server' -d 'Only this server.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" wait' -l 'wait' -d 'Seconds to wait for the servers.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" no-wait' -l 'no-wait' -d 'Return at once; `image list` shows who holds it.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image stage" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" server' -l 'server' -d 'The server; without it the controller forgets the image.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem image drop" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem alarm" -eq 1' -fa 'list' -d 'The raised alarms, newest first.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem alarm" -eq 1' -fa 'acknowledge' -d 'Say that an active alarm is known and being seen to.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" history' -l 'history' -d 'Cleared ones too.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" note' -l 'note' -d 'What is being done about it.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem alarm acknowledge" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" limit' -l 'limit' -d 'So many lines at most; 0 for all.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem log" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem audit" -eq 1' -fa 'list' -d 'The newest lines, the newest last.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem audit" -eq 1' -fa 'export' -d 'Write the whole audit, with hashes and signed heads, as JSON lines.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem audit" -eq 1' -fa 'verify' -d 'Hold an exported audit against its own hashes and against signed heads.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" limit' -l 'limit' -d 'So many lines at most; 0 for all.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem audit export" -eq 1' -F
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit export" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem audit verify" -eq 1' -F
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit verify" key' -l 'key' -d 'The public key that signs heads.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit verify"' -l 'head' -d 'The hash of a head that was noted elsewhere; may be repeated.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit verify" heads' -l 'heads' -d 'A copy of the controller\'s file `audit-heads`, kept elsewhere.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit verify" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit verify" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem audit verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem people" -eq 1' -fa 'list' -d 'All accounts; for administrators.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem people list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem token" -eq 1' -fa 'list' -d 'Your tokens, newest first.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem token" -eq 1' -fa 'create' -d 'Make a token and print it, once.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem token" -eq 1' -fa 'revoke' -d 'End one of your tokens, at once.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create"' -l 'role' -d 'One of your roles; may be given several times.' -rfka 'viewer operator approver administrator auditor'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" days' -l 'days' -d 'Days for which it counts, at most 365.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token create" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem token revoke" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem watch" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem emergency-stop" -eq 1' -fa 'show' -d 'Whether it is on, and why.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem emergency-stop" -eq 1' -fa 'on' -d 'Stop everything now.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem emergency-stop" -eq 1' -fa 'off' -d 'Let buttons begin actions again; nothing begins by itself.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop on" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" reason' -l 'reason' -d 'Reason or ticket number.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" config' -l 'config' -d 'File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or ~/.config/tandem/cli.conf).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" controller' -l 'controller' -d 'HOST:PORT of the controller\'s API.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" certificate' -l 'certificate' -d 'Your certificate (PEM), made by `tandem ca issue person NAME`.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" key' -l 'key' -d 'The certificate\'s key (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" authority' -l 'authority' -d 'The operators\' certificate authority (PEM).' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" token-file' -l 'token-file' -d 'File with an API token, made by `tandem token create`; used instead of a certificate.' -rF
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem emergency-stop off" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca" -eq 1' -fa 'init' -d 'Make both authorities in a folder; nothing is ever overwritten.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca" -eq 1' -fa 'issue' -d 'Make a key and a certificate for an agent, a controller or a person.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca" -eq 1' -fa 'renew' -d 'Give certificates that end soon, or have ended, a new end.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca init" -eq 1' -fa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca init" days' -l 'days' -d 'Days for which the authorities count.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca init" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca init" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca init" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca issue" -eq 1' -fa 'agent' -d 'For the agent of a server.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca issue" -eq 1' -fa 'controller' -d 'For a controller: one certificate for the agents\' port, one for the API.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca issue" -eq 1' -fa 'person' -d 'For a person who operates the network.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue agent" id' -l 'id' -d 'The agent\'s id, to issue one once more (default: a new one).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue agent" dir' -l 'dir' -d 'The folder of `tandem ca init`.' -rfa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue agent" output' -l 'output' -d 'Where to write the files (default: a folder of DIR by kind).' -rfa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue agent" days' -l 'days' -d 'Days for which the certificate counts.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue agent" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue agent" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue agent" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue controller"' -l 'host' -d 'A DNS name or an address; may be given several times.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue controller" dir' -l 'dir' -d 'The folder of `tandem ca init`.' -rfa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue controller" output' -l 'output' -d 'Where to write the files (default: a folder of DIR by kind).' -rfa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue controller" days' -l 'days' -d 'Days for which the certificate counts.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue controller" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue controller" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue controller" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue person" dir' -l 'dir' -d 'The folder of `tandem ca init`.' -rfa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue person" output' -l 'output' -d 'Where to write the files (default: a folder of DIR by kind).' -rfa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue person" days' -l 'days' -d 'Days for which the certificate counts.' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue person" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue person" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca issue person" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_positional "tandem ca renew" -ge 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'pem\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca renew" dir' -l 'dir' -d 'The folder of `tandem ca init`.' -rfa '(__tandem_complete_directories)'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca renew" days' -l 'days' -d 'Days from now for which they count (default: 1095; 3650 for an authority).' -rfka ''
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca renew" json' -l 'json' -d 'Print JSON instead of text.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca renew" version' -l 'version' -d 'Show the version.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem ca renew" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tandem' -n '__tandem_should_offer_completions_for_flags_or_options "tandem help" version' -l 'version' -d 'Show the version.'
