#include "program/control/remote.hpp"

#include "base/config/suggest.hpp"
#include "program/control/client.hpp"
#include "program/control/limits.hpp"
#include "program/control/locate.hpp"

#include <algorithm>
#include <ostream>

namespace beamline::program::control {

namespace {

constexpr int indent = 2;

class printer {
public:
  printer(bool as_json, std::ostream& out, std::ostream& err) : as_json_{as_json}, out_{out}, err_{err} {}

  /// A result or an item, shown at once.
  void value(const json& v) {
    const auto* text = find_string(v, "text");
    if (as_json_)
      out_ << dump_json(v);
    else if (text != nullptr)
      out_ << *text;
    else if (v.is_string())
      out_ << v.get_ref<const std::string&>();
    else
      out_ << v.dump(indent, ' ', false, json::error_handler_t::replace);
    if (as_json_ || text == nullptr || !text->ends_with('\n'))
      out_ << '\n';
    out_.flush();
  }

  int error(const failure& f, int status) {
    if (as_json_) {
      json all{{"code", f.code}, {"message", f.message}};
      if (!f.details.is_null())
        all["details"] = f.details;
      err_ << dump_json(all) << '\n';
    } else {
      err_ << "error: " << f.message << '\n';
    }
    return status;
  }

  int error(const beamline::error& e, int status) {
    return error({std::string{to_string(e.code)}, e.message, {}}, status);
  }

  void dropped(std::uint64_t count) {
    if (count > 0)
      err_ << "warning: " << count << " items were dropped because this end read too slowly\n";
  }

private:
  bool as_json_;
  std::ostream& out_;
  std::ostream& err_;
};

result<request> request_of(const remote_arguments& args) {
  request out;
  out.verb = args.verb;
  auto is_object = args.words.size() == 1 && args.words.front().starts_with('{');
  if (is_object) {
    auto parsed = parse_json(args.words.front(), {.bytes_max = request_bytes_max, .depth_max = request_depth_max});
    if (!parsed)
      return parsed.error().in("the arguments are not a JSON object");
    out.arguments = std::move(*parsed);
  } else if (args.words.size() > positional_max) {
    return error{errc::invalid, "got " + std::to_string(args.words.size()) + " arguments, at most "
                                    + std::to_string(positional_max) + " are taken"};
  } else {
    out.positional = args.words;
  }
  if (args.timeout_s) {
    auto most = static_cast<double>(to_ms(answer_time_max)) / 1000;
    if (!(*args.timeout_s >= 0.001 && *args.timeout_s <= most))
      return error{errc::invalid,
                   "--timeout must be from 0.001 to " + std::to_string(static_cast<int>(most)) + " seconds"};
    out.timeout = std::chrono::milliseconds{static_cast<std::int64_t>(*args.timeout_s * 1000)};
  }
  return out;
}

/// The same, for a node that passes it on.
request via_of(const std::string& node, request r) {
  request out;
  out.verb = "via";
  out.arguments = {{"node", node}, {"verb", r.verb}, {"words", r.positional}, {"arguments", std::move(r.arguments)}};
  out.timeout = r.timeout;
  return out;
}

error no_node(const remote_arguments& args, const location& where, std::string why) {
  if (args.node.find('/') != std::string::npos)
    return {errc::not_found, std::move(why)};
  auto names = running_nodes(args.var);
  auto wanted = args.node.substr(0, args.node.find('@'));
  auto meant = config::closest(wanted, names);
  auto text = "no node " + args.node + " is running here (" + where.socket.string() + ")";
  if (!meant.empty() && meant != wanted)
    text += "; did you mean " + meant + "?";
  if (names.empty())
    return {errc::not_found, text + "; no other is running below " + args.var.string()
                                 + " either: start one, or name the folder with --dir"};
  text += text.ends_with('?') ? " Running:" : "; running:";
  for (const auto& name : names)
    text += " " + name;
  return {errc::not_found, std::move(text)};
}

}  // namespace

int remote(const remote_arguments& asked, const clock& time, std::ostream& out, std::ostream& err) {
  printer print{asked.as_json, out, err};
  auto args = asked;
  if (!asked.via.empty())
    args.node = asked.via;  // Who is asked; whom it is about is in the request.
  auto where = locate(args.node, args.var);
  if (!where)
    return print.error(where.error(), exit_misused);
  auto what = request_of(args);
  if (!what)
    return print.error(what.error(), exit_misused);
  if (!asked.via.empty())
    what = via_of(asked.node, std::move(*what));
  what->node = where->node;
  auto got = ask(where->socket, *what, time, [&](const json& item) { print.value(item); });
  if (!got && got.error().code == errc::not_found)
    return print.error(no_node(args, *where, got.error().message), exit_no_node);
  if (!got)
    return print.error(got.error(), exit_refused);
  print.dropped(got->dropped);
  if (const auto* failed = std::get_if<failure>(&got->answer)) {
    // Somebody else lives there.
    auto is_other = failed->code == to_string(errc::not_found) && find_string(failed->details, "node") != nullptr
                 && *find_string(failed->details, "node") != what->node && !what->node.empty();
    return print.error(*failed, is_other ? exit_no_node : exit_refused);
  }
  print.value(std::get<json>(got->answer));
  return exit_answered;
}

}  // namespace beamline::program::control
