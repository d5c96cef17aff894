// The `beamline` program: its command line. What a node is made of stands in program/boot.hpp.

#include "base/config/schema.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "program/boot.hpp"
#include "program/content_command.hpp"
#include "program/control/remote.hpp"
#include "program/cookie_command.hpp"
#include "program/outbox_command.hpp"
#include "program/settings.hpp"
#include "program/stop_signal.hpp"
#include "program/store_command.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

using namespace beamline;

extern "C" char** environ;  // NOLINT: POSIX gives it no header of its own.

namespace {

// Exit statuses, as documented in docs/operating/node.md.
constexpr int exit_ok = 0;
constexpr int exit_failed = 1;  // It could not start, or could not end in time.
constexpr int exit_usage = 2;   // The command line or the configuration is wrong.
// `remote` has its own: program/control/remote.hpp.

struct arguments {
  std::vector<std::string> config_files;
  std::vector<std::string> flags;  // key=value
  int lifeline_fd = -1;
};

// The service manager's: where it keeps a service's credentials (cluster.credentials_dir).
constexpr std::string_view credentials_variable = "CREDENTIALS_DIRECTORY";

std::map<std::string, std::string> beamline_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text{*entry};
    auto equals = text.find('=');
    if (equals == std::string_view::npos)
      continue;
    if (text.starts_with("BEAMLINE_") || text.substr(0, equals) == credentials_variable)
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

config::sources sources_of(const arguments& args) {
  config::sources from;
  from.files.assign(args.config_files.begin(), args.config_files.end());
  from.environment = beamline_environment();
  for (const auto& flag : args.flags) {
    auto equals = flag.find('=');
    from.flags.emplace_back(flag.substr(0, equals),
                            equals == std::string::npos ? std::string{} : flag.substr(equals + 1));
  }
  return from;
}

/// Prints every problem and warning; false if there are problems.
bool report(const config::loaded& loaded) {
  for (const auto& w : loaded.warnings())
    std::cerr << "warning: " << w << '\n';
  for (const auto& p : loaded.problems())
    std::cerr << "error: " << p << '\n';
  return loaded.ok();
}

int run(const arguments& args) {
  program::stop_signal stop{args.lifeline_fd};  // Before any thread, which all inherit the blocked signals.
  program::settings_schema schema;
  auto sources = sources_of(args);
  auto loaded = schema.all().load(sources);
  if (!report(loaded))
    return exit_usage;
  auto done = program::run_node(schema, sources, loaded, stop);
  if (!done) {
    std::cerr << "error: " << done.error().message << '\n';
    return exit_failed;
  }
  return exit_ok;
}

/// The folder that scripts/cluster keeps its nodes in.
std::filesystem::path var_folder() {
  auto all = beamline_environment();
  auto found = all.find("BEAMLINE_VAR");
  return found == all.end() || found->second.empty() ? "var" : found->second;
}

int check_config(const arguments& args) {
  program::settings_schema schema;
  auto loaded = schema.all().load(sources_of(args));
  if (!report(loaded))
    return exit_usage;
  std::cout << config::dump(loaded);
  return exit_ok;
}

int check_content(const arguments& args, program::content_arguments asked) {
  program::settings_schema schema;
  auto loaded = schema.all().load(sources_of(args));
  if (!report(loaded))
    return exit_usage;
  asked.limits = event_horizon::limits_of(loaded.get(schema.event_horizon));
  return program::check_content(asked, std::cout, std::cerr);
}

void add_config_options(CLI::App& command, arguments& args, bool as_positional) {
  command
      .add_option(as_positional ? "files" : "--config", args.config_files, "configuration files (TOML); later ones win")
      ->type_name("FILE");
  command.add_option("--set", args.flags, "one key, over files and environment: web.port=4001")
      ->type_name("KEY=VALUE")
      ->check([](const std::string& text) {
        return text.find('=') == std::string::npos ? "expected KEY=VALUE, such as web.port=4001" : std::string{};
      });
}

void add_remote_options(CLI::App& command, program::control::remote_arguments& args) {
  command.add_option("node", args.node, "name@host, the name alone, or the path of a control socket or data directory")
      ->type_name("NODE")
      ->required();
  command.add_option("verb", args.verb, "what the node is asked; help lists what it knows")->type_name("VERB");
  command.add_option("arguments", args.words, "the verb's arguments in order, or one JSON object that names them")
      ->type_name("ARGUMENT");
  command.add_option("--via", args.via, "a node of this machine that is linked with NODE and passes the request on")
      ->type_name("NODE");
  command.add_flag("--json", args.as_json, "print the result as one line of JSON, and errors too");
  command.add_option("--timeout", args.timeout_s, "seconds that the answer may take")->type_name("S");
  command.add_option("--dir", args.var, "folder of the nodes' data directories; BEAMLINE_VAR, or var")
      ->type_name("VAR");
}

void add_backup_options(CLI::App& command, program::backup_arguments& args) {
  command.add_option("file", args.file, "the backup; it must not exist yet")->type_name("FILE")->required();
  command.add_option("--node", args.node, "whose database, as for remote; needed where several nodes run")
      ->type_name("NODE");
  command.add_flag("--json", args.as_json, "print the result as one line of JSON, and errors too");
  command.add_option("--dir", args.var, "folder of the nodes' data directories; BEAMLINE_VAR, or var")
      ->type_name("VAR");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"beamline: an actor runtime with BEAM-style supervision, and the real-time system on it", "beamline"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "beamline " BEAMLINE_VERSION);
  app.failure_message(CLI::FailureMessage::help);

  arguments args;
  auto* run_command = app.add_subcommand("run", "run a node until SIGTERM; a second signal ends it at once");
  add_config_options(*run_command, args, false);
  run_command->add_option("--lifeline-fd", args.lifeline_fd,
                          "inherited file descriptor; the node ends when its other end is closed");
  auto* check_command =
      app.add_subcommand("check-config", "check configuration files and print what would be in effect, and from where");
  add_config_options(*check_command, args, true);
  program::control::remote_arguments asked;
  asked.var = var_folder();
  auto* remote_command = app.add_subcommand("remote", "ask a running node of this machine, or give it an order");
  add_remote_options(*remote_command, asked);
  auto* cookie_command = app.add_subcommand("cookie", "the shared secret that admits nodes to a cluster");
  cookie_command->require_subcommand(1);
  std::filesystem::path cookie_file;
  auto* new_cookie_command = cookie_command->add_subcommand("new", "make a cookie from the system's random numbers");
  new_cookie_command->add_option("--file", cookie_file, "write it there (mode 0600) instead of printing it")
      ->type_name("PATH");
  auto* store_command = app.add_subcommand("store", "the database of a running node of this machine");
  store_command->require_subcommand(1);
  program::backup_arguments backup;
  backup.var = var_folder();
  auto* backup_command = store_command->add_subcommand("backup", "copy it to a file while the node goes on");
  add_backup_options(*backup_command, backup);
  auto* outbox_command = app.add_subcommand("outbox", "the events that wait on a node until another one takes them");
  outbox_command->require_subcommand(1);
  std::filesystem::path recovery_file;
  auto* import_command = outbox_command->add_subcommand("import", "have a node send the events of a recovery file");
  import_command->add_option("file", recovery_file, "as outbox.recovery_path names it")->type_name("FILE")->required();
  import_command->add_option("--node", asked.node, "a running node of this machine, as for `remote`")
      ->type_name("NODE")
      ->required();
  import_command->add_flag("--json", asked.as_json, "print the result as one line of JSON, and errors too");
  import_command->add_option("--dir", asked.var, "folder of the nodes' data directories; BEAMLINE_VAR, or var")
      ->type_name("VAR");
  program::content_arguments content;
  auto* content_command =
      app.add_subcommand("check-content", "list what is not understood of the posts in a folder, by file and line");
  content_command->add_option("dir", content.dir, "the folder with the posts, such as content/posts")
      ->type_name("DIR")
      ->required();
  content_command->add_flag("--json", content.as_json, "print one line of JSON");
  add_config_options(*content_command, args, false);
  // The folder may stand behind them.
  for (const auto* name : {"--config", "--set"})
    content_command->get_option(name)->allow_extra_args(false);
  auto* keys_command = app.add_subcommand("config-keys", "print the table of all configuration keys as Markdown");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_ok : exit_usage;
  }
  try {
    if (*run_command)
      return run(args);
    if (*remote_command)
      return program::control::remote(asked, system_clock{}, std::cout, std::cerr);
    if (*backup_command)
      return program::store_backup(backup, system_clock{}, std::cout, std::cerr);
    if (*import_command)
      return program::control::remote(program::outbox_import(recovery_file, asked), system_clock{}, std::cout,
                                      std::cerr);
    if (*check_command)
      return check_config(args);
    if (*content_command)
      return check_content(args, content);
    if (*new_cookie_command) {
      system_random random;
      return program::cookie_new(cookie_file, random, std::cout, std::cerr);
    }
    if (*keys_command)
      std::cout << config::describe(program::settings_schema{}.all());
    return exit_ok;
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << '\n';
    return exit_failed;
  }
}
