#include "program/comment_verbs.hpp"

#include "actors/process_text.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/cluster_calls.hpp"
#include "base/json.hpp"

#include <chrono>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace beamline::program {

namespace {

using control::answer;
using control::needs;
using control::takes;
using type = control::argument::type;

// For the accumulator, whichever node it is on.
constexpr duration accumulator_time = 5s;
// Of a comment, in the list for people; `--json` has all of it.
constexpr std::size_t text_octets_shown = 100;

std::string text_of(const json& arguments, std::string_view name) {
  const auto* text = find_string(arguments, name);
  return text == nullptr ? std::string{} : *text;
}

/// Makes one call to the accumulator, tells its outcome and ends.
template <class R, wire_message Request>
class question final : public process {
public:
  using completion = std::function<void(const result<R>&)>;
  question(process_context& c, Request m, completion done_with)
      : process{c}, request_{std::move(m)}, done_with_{std::move(done_with)} {}

private:
  behavior init() override {
    event_horizon::cluster::call_owner<R>(*this, request_, accumulator_time)
        .then([this](const R& r) { finish(r); },
              [this](const net::rpc::failure& f) {
                finish(error{errc::unavailable, "no accumulator answers: " + to_string(f)});
              });
    return {};
  }
  void finish(const result<R>& r) {
    done_with_(r);
    stop();
  }

  Request request_;
  completion done_with_;
};

template <class R, wire_message Request>
void ask(node& n, Request m, std::function<void(const result<R>&)> done) {
  try {
    n.spawn<question<R, Request>>(std::move(m), done);
  } catch (const process_limit_reached& e) {
    done(error{errc::busy, e.what()});
  }
}

std::string time_text(wall_time at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  auto date = std::chrono::year_month_day{day};
  auto time = std::chrono::hh_mm_ss{std::chrono::floor<std::chrono::seconds>(at - day)};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

json to_json(const accumulator::comment& c) {
  return {{"id", c.id.str()},
          {"slug", c.slug},
          {"parent", c.parent.is_nil() ? json(nullptr) : json(c.parent.str())},
          {"author", c.author},
          {"content", c.content},
          {"at", time_text(c.at)},
          {"state", to_string(c.state)}};
}

std::string line_of(const accumulator::comment& c) {
  return fmt::format("{}  {}  {:<8}  {}  {}: {}\n", c.id.str(), time_text(c.at), to_string(c.state), c.slug,
                     printable(c.author, text_octets_shown), printable(c.content, text_octets_shown));
}

void show_comments(node& n, const json& arguments, answer reply) {
  accumulator::recent_comments m;
  m.slug = text_of(arguments, "slug");
  if (m.slug == "all")
    m.slug.clear();
  auto count = find_int(arguments, "count").value_or(comments_shown);
  if (count < 1 || count > comments_shown_max)
    return reply.fail(
        {errc::invalid, fmt::format("the argument count is {}, expected 1 to {}", count, comments_shown_max)});
  m.limit = static_cast<std::uint32_t>(count);
  if (!m.slug.empty() && !accumulator::is_slug(m.slug))
    return reply.fail(
        {errc::invalid, "the argument slug is " + json_string(m.slug) + ", expected that of a post, or all"});
  ask<accumulator::comment_list>(n, m, [reply](const result<accumulator::comment_list>& r) mutable {
    if (!r)
      return reply.fail(r.error());
    auto all = json::array();
    std::string text;
    for (const auto& c : r->comments) {
      all.push_back(to_json(c));
      text += line_of(c);
    }
    reply.ok({{"comments", std::move(all)},
              {"is_complete", r->is_complete},
              {"text", text.empty() ? std::string{"no comments\n"} : text}});
  });
}

std::optional<accumulator::moderation> action_of(std::string_view word) {
  using accumulator::moderation;
  if (word == "hide")
    return moderation::hide;
  if (word == "show")
    return moderation::show;
  if (word == "delete")
    return moderation::remove;
  return std::nullopt;
}

void decide(node& n, const json& arguments, answer reply) {
  auto word = text_of(arguments, "action");
  auto action = action_of(word);
  if (!action)
    return reply.fail(
        {errc::invalid, "the argument action is " + json_string(word) + ", expected hide, show or delete"});
  auto id = uid::parse(text_of(arguments, "id"));
  if (!id)
    return reply.fail({errc::invalid, "the argument id is " + json_string(text_of(arguments, "id"))
                                          + ", expected one that `comments` shows"});
  auto m = accumulator::moderate_comment{*id, *action};
  ask<accumulator::write_answer>(n, m, [reply](const result<accumulator::write_answer>& r) mutable {
    if (!r)
      return reply.fail(r.error());
    if (r->outcome != accumulator::event_outcome::applied || !r->made)
      return reply.fail(
          {r->outcome == accumulator::event_outcome::rejected ? errc::not_found : errc::unavailable, r->why});
    reply.ok({{"comment", to_json(*r->made)}, {"text", line_of(*r->made)}});
  });
}

}  // namespace

void add_comment_verbs(control::dispatcher& verbs, node& n) {
  verbs.add("comments", "the newest comments, in whatever state",
            {takes("slug", "of that post; all: of every one, which is the default"),
             takes("count", "how many; 20", type::integer)},
            [&n](const json& a, answer reply) { show_comments(n, a, std::move(reply)); });
  verbs.add("comment", "decides about a comment",
            {needs("action", "hide, show or delete; what is deleted is gone for good"),
             needs("id", "as `comments` shows it")},
            [&n](const json& a, answer reply) { decide(n, a, std::move(reply)); });
}

}  // namespace beamline::program
