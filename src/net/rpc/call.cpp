#include "net/rpc/call.hpp"

#include "base/node_name.hpp"
#include "base/telemetry.hpp"
#include "net/rpc/events.hpp"
#include "net/rpc/server.hpp"

namespace beamline::net::rpc::detail {

namespace {

std::string quoted(const std::string& text) { return "\"" + text.substr(0, 80) + "\""; }

void tell_end(const environment& env, const std::string& procedure, time_point since, const raw_outcome& o) {
  if (!env.events().wants<remote_call_done>())
    return;
  std::string_view name{procedure};
  auto dot = name.rfind('.');
  const auto* f = std::get_if<failure>(&o);
  std::chrono::duration<double, std::milli> took = env.time().now() - since;
  env.events().emit(remote_call_done{took.count(),
                                     dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot),
                                     dot == std::string_view::npos ? name : name.substr(dot + 1),
                                     f == nullptr ? "ok" : status_of(*f), env.time().now() - since});
}

/// The end of the rpc process itself says nothing of the call: it may run, or have run.
failure failure_of_call(const call_error& e, const std::string& callee) {
  auto f = failure_of(e, callee);
  if (f.as<rpc_error>() != nullptr)
    return f;
  return rpc_error{rpc_error::kind::noconnection, callee + " ended: " + to_string(e.why)};
}

}  // namespace

std::string objection_to(const target& to, const std::string& procedure, const bytes& arguments) {
  if (to.what == target::by::role) {
    if (to.name.empty())
      return "a role has a name";
  } else if (auto name = node_name::parse(to.name); !name) {
    return name.error().message;
  }
  if (procedure.empty() || procedure.size() > procedure_bytes_max)
    return quoted(procedure) + " is no procedure: its name has 1 to " + std::to_string(procedure_bytes_max) + " bytes";
  if (arguments.size() > arguments_bytes_max)
    return procedure + " was called with " + std::to_string(arguments.size()) + " bytes of arguments; at most "
         + std::to_string(arguments_bytes_max) + " cross nodes";
  return {};
}

void start(process_access self, const target& to, std::string procedure, bytes arguments, const time_limit& within,
           raw_handler on_outcome) {
  auto& env = self.self().env();
  auto finish = [&env, procedure, since = self.now(), tell = std::move(on_outcome)](raw_outcome o) {
    tell_end(env, procedure, since, o);
    tell(std::move(o));
  };
  auto wrong = objection_to(to, procedure, arguments);
  auto left = within.from(self.now());
  if (wrong.empty() && !left)
    wrong = left.error().message;
  if (!wrong.empty()) {
    self.run_after(duration::zero(), [finish, wrong] { finish(failure{rpc_error{rpc_error::kind::badarg, wrong}}); });
    return;
  }
  auto callee = procedure + " on " + (to.what == target::by::role ? "a node of role " : "") + to.name;
  auto on_reply = [finish](const wire_reply& r) { finish(from_wire(r)); };
  auto on_error = [finish, callee](const call_error& e) { finish(failure_of_call(e, callee)); };
  if (to.what == target::by::role)
    self.call<wire_reply>(to.via ? to.via : rpc_on(env),
                          role_call{to.name, std::move(procedure), std::move(arguments), *left}, *left)
        .then(on_reply, on_error);
  else
    self.call<wire_reply>(rpc_on(to.name),
                          wire_request{std::move(procedure), std::move(arguments), env.self()->name, *left}, *left)
        .then(on_reply, on_error);
}

result<void> start_cast(process_access self, const std::vector<std::string>& nodes, const std::string& procedure,
                        const bytes& arguments) {
  if (nodes.size() > multicall_nodes_max)
    return error{errc::invalid, "badarg: " + std::to_string(nodes.size()) + " nodes; at most "
                                    + std::to_string(multicall_nodes_max) + " at once"};
  for (const auto& n : nodes)
    if (auto wrong = objection_to({target::by::node, n}, procedure, arguments); !wrong.empty())
      return error{errc::invalid, "badarg: " + wrong};
  for (const auto& n : nodes)
    self.cast(rpc_on(n), wire_cast{procedure, arguments, self.self().env().self()->name});
  return {};
}

void start_many(process_access self, std::vector<std::string> nodes, const std::string& procedure, bytes arguments,
                const time_limit& within, std::function<void(std::vector<raw_outcome>)> on_outcomes) {
  struct gathering {
    std::vector<raw_outcome> all;
    std::size_t missing;
    std::function<void(std::vector<raw_outcome>)> tell;
  };
  std::string wrong;
  if (nodes.size() > multicall_nodes_max)
    wrong = std::to_string(nodes.size()) + " nodes; at most " + std::to_string(multicall_nodes_max) + " at once";
  for (const auto& n : nodes)
    if (wrong.empty())
      wrong = objection_to({target::by::node, n}, procedure, arguments);
  auto left = within.from(self.now());
  if (wrong.empty() && !left)
    wrong = left.error().message;
  if (!wrong.empty() || nodes.empty()) {
    self.run_after(duration::zero(), [n = nodes.size(), wrong, tell = std::move(on_outcomes)] {
      tell(std::vector<raw_outcome>(n, raw_outcome{failure{rpc_error{rpc_error::kind::badarg, wrong}}}));
    });
    return;
  }
  auto g = std::make_shared<gathering>(
      gathering{std::vector<raw_outcome>(nodes.size()), nodes.size(), std::move(on_outcomes)});
  for (std::size_t i = 0; i < nodes.size(); ++i)
    start(self, {target::by::node, nodes[i]}, procedure, arguments, within, [g, i](raw_outcome o) {
      g->all[i] = std::move(o);
      if (--g->missing == 0)
        g->tell(std::move(g->all));
    });
}

}  // namespace beamline::net::rpc::detail
