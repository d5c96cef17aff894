#include "program/cluster_verbs.hpp"

#include "actors/process_text.hpp"
#include "base/json.hpp"
#include "net/discovery/note.hpp"
#include "program/cluster_verbs_text.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

namespace beamline::program {

namespace {

using control::answer;
using control::needs;
using control::takes;
using type = control::argument::type;

// Left of the client's patience for the answer to get there.
constexpr duration answer_reserve = 100ms;
constexpr std::size_t name_octets_shown = 200;

std::string text_of(const json& arguments, std::string_view name) {
  const auto* text = find_string(arguments, name);
  return text == nullptr ? std::string{} : *text;
}

/// A whole number within its bounds; nothing: it was not given.
result<std::optional<std::int64_t>> number_of(const json& arguments, std::string_view name, std::int64_t most) {
  if (find_field(arguments, name) == nullptr)
    return std::optional<std::int64_t>{};
  auto n = find_int(arguments, name);
  if (!n || *n < 1 || *n > most)
    return error{errc::invalid, "the argument " + std::string{name} + " is "
                                    + dump_json(arguments.at(std::string{name})) + ", expected 1 to "
                                    + grouped(static_cast<std::uint64_t>(most))};
  return n;
}

/// Which peers `nodes` shows.
struct wanted_nodes {
  bool hidden = false;
  bool visible = true;
  std::string role{};    // Empty: of any.
  std::string prefix{};  // Of the name.

  [[nodiscard]] bool includes(const peer_info& p) const {
    return (p.is_hidden ? hidden : visible) && (role.empty() || p.role == role) && p.identity.name.starts_with(prefix);
  }
};

/// From its arguments, which may come in any order.
result<wanted_nodes> nodes_asked_for(const std::vector<std::string>& words) {
  constexpr std::string_view of_role = "role=";
  constexpr std::string_view of_prefix = "prefix=";
  wanted_nodes out;
  for (const auto& word : words) {
    if (word.starts_with(of_role))
      out.role = word.substr(of_role.size());
    else if (word.starts_with(of_prefix))
      out.prefix = word.substr(of_prefix.size());
    else if (word == "hidden" || word == "all")
      out = {.hidden = true, .visible = word == "all", .role = out.role, .prefix = out.prefix};
    else if (!word.empty() && word != "visible")
      return error{errc::invalid, "the argument which is " + control::shown(word)
                                      + ", expected visible, hidden or all, role=ROLE, prefix=BEGINNING"};
  }
  return out;
}

double ms(duration d) { return static_cast<double>(d.count()) / 1e6; }

/// The verbs, and what they need while a request is under way.
class cluster_verbs : public std::enable_shared_from_this<cluster_verbs> {
public:
  cluster_verbs(node& n, cluster_verbs_parts p) : node_{n}, parts_{std::move(p)} {}

  void add_to(control::dispatcher& verbs) {
    if (parts_.stats)
      add_link_verbs(verbs);
    if (parts_.call)
      add(verbs, "call", "calls a procedure of a node and shows what it returns, or shows which procedures it has",
          {needs("node", "its name; this node's own, too"), takes("procedure", "as it is registered there"),
           takes("arguments", "JSON; the fields of its request", type::any)},
          &cluster_verbs::call);
    if (parts_.ping)
      add(verbs, "ping", "how long a call to a node takes there and back", {needs("node", "its name")},
          &cluster_verbs::ping);
    if (parts_.run)
      add(verbs, "via", "has another node carry out a verb; `remote NODE VERB --via THIS` is the short form",
          {needs("node", "its name"), needs("verb", "what it is asked"), takes("words", "a list of words", type::any),
           takes("arguments", "an object that names the arguments", type::any)},
          &cluster_verbs::via, {.timeout = control::answer_time + 1s});
    if (parts_.subscribe)
      add(verbs, "subscribe", "shows what is broadcast on a topic, as it comes",
          {needs("topic", "its whole name"), takes("count", "end after so many messages", type::integer),
           takes("for", "end after so many seconds", type::integer)},
          &cluster_verbs::subscribe, {.is_stream = true});
    if (parts_.broadcast)
      add(verbs, "broadcast", "tells a message to the subscribers of a topic, on all nodes",
          {needs("topic", "its whole name"), needs("message", "JSON, or a text", type::any)},
          &cluster_verbs::broadcast);
    if (parts_.discovery)
      add(verbs, "discovery", "which addresses of nodes are known, from where, and what became of them",
          {takes("what", "status, or refresh to ask all sources and try all addresses now; status")},
          &cluster_verbs::discovery, {.timeout = discovery_time});
  }

private:
  using handler = void (cluster_verbs::*)(const json&, answer);

  void add(control::dispatcher& verbs, std::string name, std::string description,
           std::vector<control::argument> arguments, handler h, control::verb_options o = {}) {
    verbs.add(
        std::move(name), std::move(description), std::move(arguments),
        [self = shared_from_this(), h](const json& a, answer reply) { ((*self).*h)(a, std::move(reply)); }, o);
  }

  void add_link_verbs(control::dispatcher& verbs) {
    add(verbs, "nodes", "the nodes this one is linked with",
        {takes("which", "visible, hidden or all; visible"),
         takes("of", "role=ROLE or prefix=BEGINNING of the name; all")},
        &cluster_verbs::nodes);
    add(verbs, "connect", "links this node with the one at an address", {needs("endpoint", "such as 127.0.0.1:4401")},
        &cluster_verbs::connect);
    add(verbs, "disconnect", "ends the link with a node; discovery may bring it back",
        {needs("node", "its name, as `nodes` shows it")}, &cluster_verbs::disconnect);
    add(verbs, "ban", "ends the link with a node, and refuses that name for a time",
        {needs("node", "its name"), needs("seconds", "for how long", type::integer)}, &cluster_verbs::ban);
  }

  [[nodiscard]] time_point now() const { return node_.env().time().now(); }

  /// What is left until the client gives up.
  [[nodiscard]] duration left(const answer& reply, duration most) const {
    if (reply.deadline() == time_point::max())
      return most;
    return std::clamp<duration>(reply.deadline() - now() - answer_reserve, 1ms, most);
  }

  // -- links -----------------------------------------------------------------------------

  void nodes(const json& a, answer reply) {
    auto asked = nodes_asked_for({text_of(a, "which"), text_of(a, "of")});
    if (!asked)
      return reply.fail(asked.error());
    auto all = parts_.stats();
    if (!all)
      return reply.fail(all.error());
    std::vector<net::link_stats> some;
    for (auto& s : *all)
      if (asked->includes(s.peer))
        some.push_back(std::move(s));
    std::ranges::sort(some, {}, [](const net::link_stats& s) { return s.peer.identity; });
    auto list = json::array();
    for (const auto& s : some)
      list.push_back(link_json(s));
    const auto& me = *node_.identity();
    reply.ok({{"node", me.name},
              {"incarnation", me.incarnation},
              {"count", some.size()},
              {"nodes", std::move(list)},
              {"text", links_text(some)}});
  }

  void connect(const json& a, answer reply) {
    auto at = net::parse_endpoint(text_of(a, "endpoint"));
    if (!at)
      return reply.fail(at.error());
    parts_.connect(*at, [reply, at = *at](const result<net::connect_outcome>& got) mutable {
      if (!got)
        return reply.fail(got.error());
      json all{{"outcome", net::word_of(got->what)}, {"node", got->peer}, {"detail", got->detail}};
      auto text = outcome_text(*got, at);
      if (!got->ok())
        return reply.fail({errc::unavailable, std::move(text)}, all);
      all["text"] = text + "\n";
      reply.ok(all);
    });
  }

  void disconnect(const json& a, answer reply) {
    auto name = text_of(a, "node");
    auto was = parts_.disconnect(name);
    if (!was)
      return reply.fail(was.error());
    if (!*was)
      return reply.fail({errc::not_found, control::shown(name) + " is not linked; `nodes` shows who is"});
    reply.ok({{"node", name}, {"text", "the link with " + name + " is ended\n"}});
  }

  void ban(const json& a, answer reply) {
    auto name = text_of(a, "node");
    auto seconds = number_of(a, "seconds", ban_seconds_max);
    if (!seconds)
      return reply.fail(seconds.error());
    auto lasts = std::chrono::seconds{**seconds};
    if (auto ok = parts_.ban(name, lasts); !ok)
      return reply.fail(ok.error());
    reply.ok({{"node", name},
              {"seconds", **seconds},
              {"text", printable(name, name_octets_shown) + " is refused for " + span_text(lasts) + "\n"}});
  }

  // -- calls -----------------------------------------------------------------------------

  void ping(const json& a, answer reply) {
    auto name = text_of(a, "node");
    auto begun = now();
    parts_.ping(
        name, left(reply, ping_time), [self = shared_from_this(), reply, name, begun](const result<void>& got) mutable {
          if (!got)
            return reply.fail({got.error().code, "pang: " + got.error().message}, {{"node", name}, {"answer", "pang"}});
          auto took = self->now() - begun;
          reply.ok({{"node", name},
                    {"answer", "pong"},
                    {"took_ms", ms(took)},
                    {"text", "pong after " + span_text(took) + "\n"}});
        });
  }

  void call(const json& a, answer reply) {
    const auto* given = find_field(a, "arguments");
    auto begun = now();
    if (text_of(a, "procedure").empty() && parts_.procedures)
      return parts_.procedures(text_of(a, "node"), left(reply, control::answer_time_max),
                               [reply](const result<json>& got) mutable {
                                 if (!got)
                                   return reply.fail(got.error());
                                 reply.ok({{"procedures", *got}, {"text", procedures_text(*got)}});
                               });
    parts_.call({.node = text_of(a, "node"),
                 .procedure = text_of(a, "procedure"),
                 .arguments = given == nullptr ? json::object() : *given,
                 .within = left(reply, control::answer_time_max)},
                [self = shared_from_this(), reply, begun](const result<json>& got) mutable {
                  if (!got)
                    return reply.fail(got.error());
                  reply.ok({{"value", *got},
                            {"took_ms", ms(self->now() - begun)},
                            {"text", got->dump(2, ' ', false, json::error_handler_t::replace) + "\n"}});
                });
  }

  void via(const json& a, answer reply) {
    far_request r{.verb = text_of(a, "verb"), .words = {}, .arguments = {}};
    if (const auto* words = find_field(a, "words")) {
      if (!words->is_array() || !std::ranges::all_of(*words, [](const json& w) { return w.is_string(); }))
        return reply.fail({errc::invalid, "the argument words is " + control::shown(dump_json(*words))
                                              + ", expected a list of texts"});
      r.words = words->get<std::vector<std::string>>();
    }
    if (const auto* named = find_field(a, "arguments"); named != nullptr && !named->empty())
      r.arguments = dump_json(*named);
    auto name = text_of(a, "node");
    parts_.run(name, r, left(reply, control::answer_time_max), [reply, name](const result<far_answer>& got) mutable {
      if (!got)
        return reply.fail(got.error().in(name));
      pass_on(*got, reply);
    });
  }

  // -- topics ----------------------------------------------------------------------------

  void subscribe(const json& a, answer reply) {
    auto count = number_of(a, "count", subscribe_count_max);
    auto seconds = number_of(a, "for", subscribe_seconds_max);
    if (!count || !seconds)
      return reply.fail(count ? seconds.error() : count.error());
    auto most = static_cast<std::uint64_t>(count->value_or(subscribe_count_max));
    auto end = now() + std::chrono::seconds{seconds->value_or(subscribe_seconds_max)};
    // Who ends it first answers.
    auto shown = std::make_shared<std::atomic<std::uint64_t>>(0);
    auto is_over = std::make_shared<std::atomic<bool>>(false);
    auto finish = [=]() mutable {
      if (!is_over->exchange(true))
        reply.ok({{"count", shown->load()}, {"text", grouped(shown->load()) + " messages\n"}});
    };
    auto told = [=](const json& message) mutable {
      if (*is_over || reply.item(message) == control::taken::gone)
        return false;
      if (++*shown >= most)
        finish();
      return !*is_over;
    };
    auto is_wanted = [=, self = shared_from_this()]() mutable {
      if (self->now() >= end)
        finish();
      return !*is_over && reply.is_wanted();
    };
    auto failed = [=](const error& e) mutable {
      if (!is_over->exchange(true))
        reply.fail(e);
    };
    parts_.subscribe(text_of(a, "topic"), {told, is_wanted, failed});
  }

  void broadcast(const json& a, answer reply) {
    auto topic = text_of(a, "topic");
    parts_.broadcast(topic, a.at("message"), [reply, topic](const result<void>& got) mutable {
      if (!got)
        return reply.fail(got.error());
      reply.ok(
          {{"topic", topic}, {"text", "told to the subscribers of " + printable(topic, name_octets_shown) + "\n"}});
    });
  }

  // -- discovery ---------------------------------------------------------------------------

  void discovery(const json& a, answer reply) {
    auto what = text_of(a, "what");
    if (!what.empty() && what != "status" && what != "refresh")
      return reply.fail(
          {errc::invalid, "the argument what is " + control::shown(what) + ", expected status or refresh"});
    parts_.discovery(what == "refresh", [reply](const result<json>& got) mutable { reply.finish(got); });
  }

  node& node_;
  const cluster_verbs_parts parts_;
};

}  // namespace

void add_cluster_verbs(control::dispatcher& verbs, node& n, cluster_verbs_parts parts) {
  std::make_shared<cluster_verbs>(n, std::move(parts))->add_to(verbs);
}

}  // namespace beamline::program
