#include "program/far_verbs.hpp"

#include "base/json.hpp"

#include <array>
#include <atomic>

namespace beamline::program {

namespace {

constexpr std::array codes{errc::invalid,     errc::not_found, errc::exists,    errc::denied,   errc::unavailable,
                           errc::timeout,     errc::busy,      errc::too_large, errc::conflict, errc::corrupt,
                           errc::unsupported, errc::io,        errc::cancelled};

far_answer failed(const error& e, const json& details = nullptr) {
  return {.is_ok = false,
          .value = {},
          .code = std::string{to_string(e.code)},
          .message = e.message,
          .details = details.is_null() ? std::string{} : dump_json(details)};
}

/// Gathers the one answer of a verb.
class far_sink final : public control::answer_sink {
public:
  explicit far_sink(std::function<void(far_answer)> done) : done_{std::move(done)} {}

  control::taken item(const json&) override { return control::taken::gone; }
  void succeed(const json& result) override {
    auto text = dump_json(result);
    if (text.size() > far_answer_octets_max)
      return tell(
          failed({errc::too_large, "the answer has " + std::to_string(text.size()) + " octets, between nodes at most "
                                       + std::to_string(far_answer_octets_max)
                                       + " are passed on; ask for a smaller part, or that node itself"}));
    tell({.is_ok = true, .value = std::move(text), .code = {}, .message = {}, .details = {}});
  }
  void fail(const error& e, const json& details) override { tell(failed(e, details)); }
  [[nodiscard]] bool is_wanted() const override { return !is_told_; }

private:
  void tell(far_answer a) {
    if (!is_told_.exchange(true))
      done_(std::move(a));
  }

  std::function<void(far_answer)> done_;
  std::atomic<bool> is_told_{false};
};

result<control::request> read(const far_request& r) {
  control::request out;
  out.verb = r.verb;
  out.positional = r.words;
  if (out.positional.size() > control::positional_max)
    return error{errc::invalid, "got " + std::to_string(out.positional.size()) + " arguments, at most "
                                    + std::to_string(control::positional_max) + " are taken"};
  if (r.arguments.empty())
    return out;
  auto named =
      parse_json(r.arguments, {.bytes_max = control::request_bytes_max, .depth_max = control::request_depth_max});
  if (!named)
    return named.error().in("the arguments are no JSON");
  if (!named->is_object())
    return error{errc::invalid, "the arguments are " + control::shown(r.arguments) + ", expected a JSON object"};
  out.arguments = std::move(*named);
  return out;
}

}  // namespace

void run_for_peer(control::dispatcher& verbs, const far_request& r, time_point deadline,
                  std::function<void(far_answer)> done) {
  auto asked = read(r);
  if (!asked)
    return done(failed(asked.error()));
  auto job = verbs.prepare(*asked);
  if (!job)
    return done(failed(job.error()));
  if (job->what->options.is_stream)
    return done(
        failed({errc::unsupported, "the verb " + r.verb
                                       + " shows things as they come, which does not pass through another node; "
                                         "ask the node itself, on its machine"}));
  verbs.run(*job, std::make_shared<far_sink>(std::move(done)), deadline);
}

void pass_on(const far_answer& a, const control::answer& reply) {
  auto out = reply;
  if (a.is_ok) {
    auto value = parse_json(a.value, {.bytes_max = far_answer_octets_max});
    if (!value)
      return out.fail(value.error().in("the other node's answer"));
    return out.ok(*value);
  }
  auto code = errc::unavailable;  // What a newer release calls it is in the message.
  for (auto known : codes)
    if (to_string(known) == a.code)
      code = known;
  auto details = a.details.empty() ? result<json>{json(nullptr)} : parse_json(a.details);
  out.fail({code, a.message}, details ? *details : json(nullptr));
}

}  // namespace beamline::program
