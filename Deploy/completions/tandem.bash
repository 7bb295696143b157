#!/bin/bash

__tandem_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__tandem_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__tandem_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__tandem_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_tandem() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    cluster|server|upgrade|approve|config|image|alarm|log|audit|people|token|watch|emergency-stop|ca|help)
        # Offer subcommand argument completions
        "_tandem_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'cluster server upgrade approve config image alarm log audit people token watch emergency-stop ca help' -- "${cur}"))
        ;;
    esac
}

_tandem_cluster() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|show|add|remove|window)
        # Offer subcommand argument completions
        "_tandem_cluster_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list show add remove window' -- "${cur}"))
        ;;
    esac
}

_tandem_cluster_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_cluster_show() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_cluster_add() {
    repeating_flags=()
    non_repeating_flags=(--primary --reapply-by-itself --json --version -h --help)
    repeating_options=(--server)
    non_repeating_options=(--kind --site --people --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--kind')
        return
        ;;
    '--site')
        return
        ;;
    '--server')
        return
        ;;
    '--people')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_cluster_remove() {
    repeating_flags=()
    non_repeating_flags=(--yes --no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--reason --seen --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--seen')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_cluster_window() {
    repeating_flags=()
    non_repeating_flags=(--clear --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--from --until --reason --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--from')
        return
        ;;
    '--until')
        return
        ;;
    '--reason')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_server() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|recovered|replace|enrol|restore-service|logs)
        # Offer subcommand argument completions
        "_tandem_server_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list recovered replace enrol restore-service logs' -- "${cur}"))
        ;;
    esac
}

_tandem_server_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_server_recovered() {
    repeating_flags=()
    non_repeating_flags=(--yes --no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--reason --seen --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--seen')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_server_replace() {
    repeating_flags=()
    non_repeating_flags=(--yes --no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--agent-certificate --reason --seen --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--agent-certificate')
        __tandem_add_completions -o plusdirs -fX '!*.@(pem)'
        return
        ;;
    '--reason')
        return
        ;;
    '--seen')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_server_enrol() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--agent-certificate --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--agent-certificate')
        __tandem_add_completions -o plusdirs -fX '!*.@(pem)'
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_server_restore-service() {
    repeating_flags=()
    non_repeating_flags=(--accept-data-loss --yes --no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--statement --reason --seen --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--statement')
        return
        ;;
    '--reason')
        return
        ;;
    '--seen')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_server_logs() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--wait --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--wait')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_upgrade() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    press|take-over)
        # Offer subcommand argument completions
        "_tandem_upgrade_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'press take-over' -- "${cur}"))
        ;;
    esac
}

_tandem_upgrade_press() {
    repeating_flags=()
    non_repeating_flags=(--acknowledge-notices --accept-data-loss --yes --no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--server --release --statement --reason --seen --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--server')
        return
        ;;
    '--release')
        return
        ;;
    '--statement')
        return
        ;;
    '--reason')
        return
        ;;
    '--seen')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -W 'start-upgrade'$'\n''continue-upgrade'$'\n''resume-upgrade'$'\n''start-rollback'$'\n''continue-rollback'$'\n''reapply-configuration'$'\n''try-again'$'\n''accept'$'\n''stop'$'\n''close'$'\n''close-as-observed'$'\n''recovered'$'\n''replace-server'$'\n''restore-service'$'\n''go-on-single'$'\n''declare-outcome'$'\n''demote'$'\n''fence'$'\n''hold'$'\n''release'$'\n''remove-cluster'
        return
        ;;
    esac
}

_tandem_upgrade_take-over() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--reason --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_approve() {
    repeating_flags=()
    non_repeating_flags=(--withdraw --no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_config() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    set|list|diff|reapply)
        # Offer subcommand argument completions
        "_tandem_config_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'set list diff reapply' -- "${cur}"))
        ;;
    esac
}

_tandem_config_set() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--schema --reason --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--schema')
        return
        ;;
    '--reason')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    2)
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_config_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_config_diff() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--from --to --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--from')
        return
        ;;
    '--to')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_config_reapply() {
    repeating_flags=()
    non_repeating_flags=(--yes --no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--reason --seen --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--seen')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_image() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    key|build|sign|inspect|verify|add|list|stage|drop)
        # Offer subcommand argument completions
        "_tandem_image_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'key build sign inspect verify add list stage drop' -- "${cur}"))
        ;;
    esac
}

_tandem_image_key() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 1
}

_tandem_image_build() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tandem_add_completions -o plusdirs -fX '!*.@(iso)'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -o plusdirs -fX '!*.@(yaml)'
        return
        ;;
    esac
}

_tandem_image_sign() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--key)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--key')
        __tandem_add_completions -o plusdirs -fX '!*.@(key)'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -o plusdirs -fX '!*.@(iso)'
        return
        ;;
    esac
}

_tandem_image_inspect() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 1

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -o plusdirs -fX '!*.@(iso)'
        return
        ;;
    esac
}

_tandem_image_verify() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--trust)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--trust')
        __tandem_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -o plusdirs -fX '!*.@(iso)'
        return
        ;;
    esac
}

_tandem_image_add() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -o plusdirs -fX '!*.@(iso)'
        return
        ;;
    esac
}

_tandem_image_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_image_stage() {
    repeating_flags=()
    non_repeating_flags=(--no-wait --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--server --wait --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--server')
        return
        ;;
    '--wait')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_image_drop() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--server --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--server')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_alarm() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|acknowledge)
        # Offer subcommand argument completions
        "_tandem_alarm_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list acknowledge' -- "${cur}"))
        ;;
    esac
}

_tandem_alarm_list() {
    repeating_flags=()
    non_repeating_flags=(--history --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_alarm_acknowledge() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--note --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--note')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_log() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--limit --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--limit')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_audit() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|export|verify)
        # Offer subcommand argument completions
        "_tandem_audit_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list export verify' -- "${cur}"))
        ;;
    esac
}

_tandem_audit_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--limit --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--limit')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_audit_export() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_audit_verify() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=(--head)
    non_repeating_options=(--key --heads)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--head')
        return
        ;;
    '--heads')
        __tandem_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_people() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list)
        # Offer subcommand argument completions
        "_tandem_people_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list' -- "${cur}"))
        ;;
    esac
}

_tandem_people_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_token() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|create|revoke)
        # Offer subcommand argument completions
        "_tandem_token_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list create revoke' -- "${cur}"))
        ;;
    esac
}

_tandem_token_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_token_create() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=(--role)
    non_repeating_options=(--days --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--role')
        __tandem_add_completions -W 'viewer'$'\n''operator'$'\n''approver'$'\n''administrator'$'\n''auditor'
        return
        ;;
    '--days')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_token_revoke() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_watch() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_emergency-stop() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    show|on|off)
        # Offer subcommand argument completions
        "_tandem_emergency-stop_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'show on off' -- "${cur}"))
        ;;
    esac
}

_tandem_emergency-stop_show() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_emergency-stop_on() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--reason --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_emergency-stop_off() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--reason --config --controller --certificate --key --authority --token-file)
    __tandem_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--config')
        __tandem_add_completions -f
        return
        ;;
    '--controller')
        return
        ;;
    '--certificate')
        __tandem_add_completions -f
        return
        ;;
    '--key')
        __tandem_add_completions -f
        return
        ;;
    '--authority')
        __tandem_add_completions -f
        return
        ;;
    '--token-file')
        __tandem_add_completions -f
        return
        ;;
    esac
}

_tandem_ca() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    init|issue|renew)
        # Offer subcommand argument completions
        "_tandem_ca_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'init issue renew' -- "${cur}"))
        ;;
    esac
}

_tandem_ca_init() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--days)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--days')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tandem_add_completions -d
        return
        ;;
    esac
}

_tandem_ca_issue() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    agent|controller|person)
        # Offer subcommand argument completions
        "_tandem_ca_issue_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'agent controller person' -- "${cur}"))
        ;;
    esac
}

_tandem_ca_issue_agent() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--id --dir --output --days)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--id')
        return
        ;;
    '--dir')
        __tandem_add_completions -d
        return
        ;;
    '--output')
        __tandem_add_completions -d
        return
        ;;
    '--days')
        return
        ;;
    esac
}

_tandem_ca_issue_controller() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=(--host)
    non_repeating_options=(--dir --output --days)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--host')
        return
        ;;
    '--dir')
        __tandem_add_completions -d
        return
        ;;
    '--output')
        __tandem_add_completions -d
        return
        ;;
    '--days')
        return
        ;;
    esac
}

_tandem_ca_issue_person() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--dir --output --days)
    __tandem_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--dir')
        __tandem_add_completions -d
        return
        ;;
    '--output')
        __tandem_add_completions -d
        return
        ;;
    '--days')
        return
        ;;
    esac
}

_tandem_ca_renew() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--dir --days)
    __tandem_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--dir')
        __tandem_add_completions -d
        return
        ;;
    '--days')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __tandem_add_completions -o plusdirs -fX '!*.@(pem)'
        return
        ;;
    esac
}

_tandem_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __tandem_offer_flags_options -1
}

complete -o filenames -F _tandem tandem
