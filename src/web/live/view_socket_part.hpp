#pragma once

// What a view and its components see of their process. Of view_instance.cpp only.

#include "actors/process_access.hpp"
#include "web/live/view_instance.hpp"

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::web::live {

/// The connect parameters, while the view is mounted.
struct view_instance::mounting {
  connect_info info;
};

template <class F>
void view_instance::later(component_id by, std::string_view during, F fn) {
  if (by != 0 && tree_.find(by) == nullptr)
    return;
  try {
    fn();
    touch(by);
    follow_patches();
  } catch (...) {
    owner_.view_threw(std::string{during}, std::current_exception());
    return;
  }
  owner_.view_ran();
}

/// The part that view and components have in common: asks the instance on behalf of `by`.
template <class Base>
class view_instance::socket_part : public Base {
public:
  socket_part(view_instance& of, component_id by) : of_{of}, by_{by} {}

  [[nodiscard]] bool connected() const override { return of_.is_connected_; }
  [[nodiscard]] pid self() const override { return of_.process_.self(); }
  [[nodiscard]] environment& env() const override { return of_.process_.env(); }

  void put_flash(std::string kind, std::string text) override {
    flash_cell().edit().insert_or_assign(std::move(kind), std::move(text));
  }
  void clear_flash() override { flash_cell() = flash_messages{}; }
  void clear_flash(std::string_view kind) override {
    if (auto at = flash_cell()->find(kind); at != flash_cell()->end())
      flash_cell().edit().erase(std::string{kind});
  }
  [[nodiscard]] const flash_messages& flash() const override {
    return const_cast<socket_part*>(this)->flash_cell().get();
  }

  void push_event(std::string name, const json& payload, push_event_options o) override {
    if (!payload.is_object())
      throw std::invalid_argument{"push_event(\"" + name + "\"): the payload is a " + payload.type_name()
                                  + ", expected an object"};
    of_.add_event(by_, {std::move(name), dump_json(payload), o.is_before_patch});
  }
  void reply(const json& value) override {
    if (!value.is_object())
      throw std::invalid_argument{std::string{"the reply to an event is a "} + value.type_name()
                                  + ", expected an object"};
    of_.reply_ = dump_json(value);
  }

  void patch(std::string path, history kind) override { go(patch_to{check(std::move(path)), kind}); }
  void navigate(std::string path, history kind) override { go(navigate_to{check(std::move(path)), kind, {}}); }
  void redirect(std::string target) override {
    if (auto ok = check_redirect_target(target); !ok)
      throw std::invalid_argument{ok.error().message};
    go(redirect_to{std::move(target), {}});
  }

  void run_after(duration d, std::function<void()> fn) override {
    if (connected())
      access().run_after(d, [&of = of_, by = by_, fn = std::move(fn)] { of.later(by, "timer", fn); });
  }
  std::uint64_t watch(const pid& who, std::function<void(const reason&)> fn) override {
    if (!connected())
      return 0;
    return access().watch(
        who, [&of = of_, by = by_, fn = std::move(fn)](const reason& why) { of.later(by, "watch", [&] { fn(why); }); });
  }
  void unwatch(std::uint64_t w) override {
    if (connected())
      access().unwatch(w);
  }

protected:
  virtual assign<flash_messages>& flash_cell() = 0;

  void start_call(const pid& to, message m, duration within, reply_handler done) override {
    if (!connected())
      return;
    beamline::detail::start_call(of_.process_, to, std::move(m), within,
                                 [&of = of_, by = by_, done = std::move(done)](call_result r) {
                                   of.later(by, "answer to a call", [&] { done(std::move(r)); });
                                 });
  }
  void do_cast(const pid& to, const message& m) override {
    if (connected())
      access().cast(to, m);
  }
  bool update_component(std::shared_ptr<const component_place> place) override { return of_.tree_.update(*place); }
  void do_start_async(std::string key, detail::async_launch launch, detail::async_done done,
                      const async_options& o) override {
    if (connected())
      of_.jobs().start(by_, std::move(key), launch, std::move(done), o);
  }
  bool do_cancel_async(const std::string& key, const reason& why) override {
    return of_.jobs_ && of_.jobs_->cancel(by_, key, why);
  }

  [[nodiscard]] view_instance& of() const noexcept { return of_; }

private:
  static std::string check(std::string path) {
    if (auto ok = check_local_path(path); !ok)
      throw std::invalid_argument{ok.error().message};
    return path;
  }
  void go(navigation where) {
    if (by_ != 0 && !flash_cell()->empty())  // What it had to say goes along.
      for (const auto& [kind, text] : flash_cell().get())
        of_.flash_.edit().insert_or_assign(kind, text);
    of_.go(std::move(where));
  }
  [[nodiscard]] process_access access() const { return process_access{of_.process_}; }

  view_instance& of_;
  component_id by_;
};

class view_instance::view_side final : public socket_part<view_socket> {
public:
  explicit view_side(view_instance& of) : socket_part{of, 0} {}

  [[nodiscard]] const json& connect_params() const override {
    static const auto none = json::object();
    return of().mounting_ ? of().mounting_->info.params : none;
  }
  [[nodiscard]] bool static_changed() const override {
    return of().mounting_ && of().mounting_->info.has_static_changed;
  }

private:
  assign<flash_messages>& flash_cell() override { return of().flash_; }
  view_hooks& hooks() override {
    if (!of().hooks_)
      of().hooks_ = std::make_unique<view_hooks>();
    return *of().hooks_;
  }
  std::any& private_part(const std::type_info& type) override {
    if (!of().parts_)
      of().parts_ = std::make_unique<std::map<std::type_index, std::any>>();
    return (*of().parts_)[type];
  }
};

class view_instance::component_side final : public socket_part<component_socket> {
public:
  component_side(view_instance& of, component_id id) : socket_part{of, id}, id_{id} {}

  [[nodiscard]] component_id myself() const override { return id_; }
  assign<flash_messages>& flash_cell() override { return flash_; }

private:
  component_id id_;
  assign<flash_messages> flash_;
};

}  // namespace beamline::web::live
