#include "program/store_command.hpp"

#include "program/control/locate.hpp"
#include "program/control/remote.hpp"
#include "program/store_verbs.hpp"

#include <ostream>
#include <system_error>

namespace beamline::program {

namespace {

int refuse(std::ostream& err, int status, const std::string& why) {
  err << "error: " << why << '\n';
  return status;
}

}  // namespace

int store_backup(const backup_arguments& args, const clock& time, std::ostream& out, std::ostream& err) {
  control::remote_arguments asked;
  asked.var = args.var;
  asked.as_json = args.as_json;
  asked.verb = "store-backup";
  asked.node = args.node;
  asked.timeout_s = static_cast<double>(to_ms(backup_answer_time)) / 1000;
  auto ec = std::error_code{};
  const auto file = std::filesystem::absolute(args.file, ec);
  if (ec || !file.has_filename())
    return refuse(err, control::exit_misused, "\"" + args.file.string() + "\" is no name of a file");
  asked.words = {file.lexically_normal().string()};
  if (asked.node.empty()) {
    const auto running = control::running_nodes(args.var);
    if (running.empty())
      return refuse(err, control::exit_no_node,
                    "no node is running below " + args.var.string() + "; name the folder with --dir");
    if (running.size() > 1) {
      auto names = std::string{};
      for (const auto& name : running)
        names += " " + name;
      return refuse(err, control::exit_misused, "several nodes are running; name one with --node:" + names);
    }
    asked.node = running.front();
  }
  return control::remote(asked, time, out, err);
}

}  // namespace beamline::program
