#pragma once

#include "web/channels/channel.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace beamline::test {

/// A channel that does what its client says: what it answers, pushes and broadcasts, and how it ends.
class room_channel final : public web::channel {
public:
  using channel::channel;

  web::join_answer join(const std::string& topic, const json& params) override {
    if (const auto* why = find_string(params, "refuse"))
      return *why == "bare" ? web::join_refused{} : web::join_refused{{{"reason", *why}}};
    if (find_bool(params, "crash"))
      throw std::runtime_error{"join failed"};
    if (find_bool(params, "intercept"))
      intercept({"filtered"});
    says_goodbye_ = find_bool(params, "goodbye").value_or(false);
    greets_ = find_bool(params, "greet").value_or(false);
    fails_joined_ = find_bool(params, "crash when joined").value_or(false);
    if (find_bool(params, "push too soon"))
      push("hello", json::object());
    if (auto ms = find_int(params, "later")) {
      const auto is_refused = find_bool(params, "then_refuse").value_or(false);
      run_after(std::chrono::milliseconds{*ms}, [this, is_refused] {
        is_refused ? refuse_join({{"reason", "not today"}}) : accept_join();
      });
      return web::join_later{};
    }
    const auto* name = std::any_cast<std::string>(&socket().user);
    return web::join_ok{{{"topic", topic}, {"user", name != nullptr ? json(*name) : json()}}};
  }

  void joined() override {
    if (fails_joined_)
      throw std::runtime_error{"joined failed"};
    if (greets_)
      push("hello", json{{"from", topic()}});
  }

  void handle_in(const std::string& event, const payload& p, web::reply_to r) override {
    if (event == "echo") {
      if (const auto* octets = std::get_if<binary>(&p))
        return r.send("ok", *octets);
      return r.ok(as_json(p));
    }
    if (event == "count")
      return r.ok({{"n", ++count_}});
    if (event == "silence")
      return;
    if (event == "crash")
      throw std::runtime_error{"asked to"};
    if (event == "stop")
      return stop_channel();
    if (event == "shout octets")
      return answer(r, broadcast("octets", binary{as_octets(p)}));
    if (event == "push octets")
      return push("octets", binary{as_octets(p)});

    const auto& o = as_json(p);
    if (event == "answer")  // {status, response, after?}
      return answer_later(o, r);
    if (event == "push")  // {event, payload}
      return push(o.at("event"), o.at("payload"));
    if (event == "say")
      return answer(r, broadcast("said", o));
    if (event == "say to others")
      return answer(r, broadcast_from("said", o));
    if (event == "say filtered")
      return answer(r, broadcast("filtered", o));
    if (event == "say as")  // {event, payload}
      return answer(r, broadcast(o.at("event"), o.at("payload")));
    if (event == "flood") {  // {count, octets}
      const auto text = std::string(o.at("octets").get<std::size_t>(), 'x');
      for (int i = 0; i < o.at("count").get<int>(); ++i)
        push("drop", json{{"text", text}});
      return;
    }
    if (event == "whoami")
      return r.ok({{"params", socket().params},
                   {"session", socket().session.value_or(json{})},
                   {"token", socket().auth_token},
                   {"id", socket().id}});
    if (event == "disconnect")
      return answer(r, web::disconnect_socket(*this, o.at("id")));
    channel::handle_in(event, p, r);
  }

  void handle_out(const std::string& event, const payload& p) override {
    auto o = as_json(p);
    if (find_bool(o, "hide"))
      return;
    o["seen by"] = "handle_out";
    push(event, o);
  }

  void closing(const reason& why) override {
    if (says_goodbye_)
      (void)broadcast_from("gone", json{{"why", to_string(why)}});
  }

private:
  static void answer(const web::reply_to& r, const result<void>& done) {
    done ? r.ok() : r.error({{"reason", done.error().message}});
  }
  void answer_later(const json& o, const web::reply_to& r) {
    const auto say = [r, status = o.at("status").get<std::string>(), response = o.at("response")] {
      r.send(status, response);
      r.send("twice", response);  // The first answer counts.
    };
    if (auto ms = find_int(o, "after"))
      run_after(std::chrono::milliseconds{*ms}, say);
    else
      say();
  }

  int count_ = 0;
  bool greets_ = false;
  bool fails_joined_ = false;
  bool says_goodbye_ = false;
};

}  // namespace beamline::test
