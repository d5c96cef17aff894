#pragma once

#include "base/json.hpp"
#include "base/log.hpp"
#include "program/control/answer.hpp"
#include "program/control/arguments.hpp"
#include "program/control/limits.hpp"
#include "program/control/protocol.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace beamline::program::control {

/// What a verb is beside its handler.
struct verb_options {
  duration timeout = answer_time;  // For the answer, unless the request asks for another time.
  bool is_stream = false;          // Sends items until the client goes away; has no time limit of its own.
};

/// The verbs of `beamline remote` and who serves them. Thread-safe; outlives the server.
///
///     verbs.add("info", "what one process is doing", {needs("name", "its path in the tree")},
///               [&](const json& arguments, answer reply) { reply.ok(info_of(arguments["name"])); });
///
/// Handlers run on the caller of `run` (the control server's thread): they do not block, and may answer later from any
/// thread. What they throw is answered as `cancelled` and logged.
class dispatcher {
public:
  /// Arguments are checked before: they are an object that has the declared names and types, and all required ones.
  using handler = std::function<void(const json& arguments, answer reply)>;

  /// Has the verb `help`. `log` must outlive it.
  explicit dispatcher(logger& log);
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;

  /// Throws std::logic_error if the verb exists, or if its name or arguments are no words of a-z, 0-9, - and _.
  void add(std::string verb, std::string description, std::vector<argument> arguments, handler run,
           verb_options options = {});
  /// No request reaches the handler any more; one that runs at this moment is not waited for. Unknown verbs are
  /// ignored.
  void remove(const std::string& verb);

  struct verb {
    std::string name;
    std::string description;
    std::vector<argument> arguments;
    handler run;
    verb_options options;
  };

  /// A request that has been found good.
  struct job {
    std::shared_ptr<const verb> what;
    json arguments;
    std::optional<duration> timeout;  // For the answer; none: no limit.
  };

  /// Finds the verb and checks the arguments. `not_found` with the known verbs, or `invalid`.
  [[nodiscard]] result<job> prepare(const request& r) const;
  /// Calls the handler. Never throws.
  void run(const job& j, std::shared_ptr<answer_sink> sink, time_point deadline);

private:
  void add_help();
  [[nodiscard]] std::shared_ptr<const verb> find(const std::string& name) const;
  [[nodiscard]] std::vector<std::shared_ptr<const verb>> all() const;
  [[nodiscard]] error unknown(const std::string& name) const;

  logger& log_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const verb>> verbs_;
};

}  // namespace beamline::program::control
