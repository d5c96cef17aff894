// Documents, joins, and where the browser goes next.

#include "testing/live/page_socket.hpp"

#include <algorithm>

namespace beamline::testing {

using namespace beamline::web;

namespace {

bool is_view_element(const dom_node& n) { return n.has_attribute("data-phx-session"); }

dom_node* first_named(dom_node& root, std::string_view name) {
  dom_node* out = nullptr;
  root.each_element([&](dom_node& n) {
    if (out == nullptr && n.name() == name)
      out = &n;
  });
  return out;
}

constexpr auto redirects_max = 20;

}  // namespace

page_core::page_core(browser b)
    : browser_{std::move(b)}, document_{std::make_unique<dom_node>(dom_node::kind::element)} {}

page_core::~page_core() { close_socket(); }

void page_core::load(std::string method, std::string target, std::string body) {
  close_socket();
  views_.clear();
  departure_.reset();
  focused_ = nullptr;
  pressed_.reset();
  lasting_.clear();
  crashed_.clear();
  if (target.starts_with(browser_.settings().origin))
    target.erase(0, browser_.settings().origin.size());
  if (!target.starts_with('/'))
    throw page_error{"the browser would load " + target + ", which is not of this site"};
  const auto answer = browser_.send(method, target, std::move(body));
  path_ = target;
  status_ = answer.status;
  document_ = parse_document(answer.body_text());
  if (answer.status >= 300 && answer.status < 400)
    departure_ = page_departure{page_departure::kind::load, std::string{answer.headers.get("location")}};
  check_unique_ids(*document_);
}

void page_core::connect() {
  if (departure_)
    return;  // There is nothing here to be connected.
  if (status_ >= 400)
    throw page_error{path_ + " is answered with status " + std::to_string(status_) + ":\n" + document_->pretty(30)};
  auto roots = std::vector<dom_node*>{};
  document_->each_element([&](dom_node& n) {
    if (is_view_element(n) && !n.has_attribute("data-phx-parent-id"))
      roots.push_back(&n);
  });
  if (roots.empty())
    return;  // Not a live page.
  open_socket();
  for (auto* root : roots) {
    auto v = std::make_unique<page_view>();
    v->id = root->id();
    v->is_main = root->has_attribute("data-phx-main");
    views_.push_back(std::move(v));
    join(*views_.back());
  }
  settle();
}

void page_core::disconnect() {
  close_socket();
  the_world().run();
}

void page_core::reconnect() {
  close_socket();
  the_world().run();
  open_socket();
  crashed_.clear();
  for (std::size_t i = 0; i < views_.size(); ++i)
    if (views_[i]->parent.empty())
      destroy_children(std::string{views_[i]->id}, false);  // They join when their parents have.
  for (const auto& v : views_)
    if (v->now != page_view::state::closed)
      join(*v);
  settle();
}

void page_core::rejoin() {
  auto crashed = std::vector<page_view*>{};
  for (const auto& v : views_)
    if (v->now == page_view::state::crashed)
      crashed.push_back(v.get());
  if (crashed.empty())
    throw page_error{"no view of this page has crashed; there is nothing to join anew"};
  crashed_.clear();
  the_world().advance(1s);  // The client's first pause.
  for (auto* v : crashed)
    join(*v);
  settle();
}

json page_core::join_payload(page_view& v) {
  auto& element = container_of(v);
  auto tracked = json::array();
  document_->each_element([&](dom_node& n) {
    if (!n.has_attribute("phx-track-static"))
      return;
    const auto url = n.has_attribute("src") ? n.attribute("src") : n.attribute("href");
    tracked.push_back((url.starts_with('/') ? browser_.settings().origin : "") + std::string{url});
  });
  auto params = json{{"_mounts", v.mounts}, {"_mount_attempts", v.attempts}, {"_track_static", std::move(tracked)}};
  document_->each_element([&](dom_node& n) {
    if (n.name() == "meta" && n.attribute("name") == "csrf-token")
      params["_csrf_token"] = n.attribute("content");
  });
  if (!v.referer.empty())
    params["_live_referer"] = v.referer;
  auto out = json{{"session", element.attribute("data-phx-session")},
                  {"static", element.attribute("data-phx-static")},
                  {"params", std::move(params)},
                  {"sticky", element.has_attribute("data-phx-sticky")}};
  if (element.attribute("data-phx-static").empty())
    out["static"] = nullptr;
  if (!v.redirect.empty())
    out["redirect"] = v.redirect;
  else if (v.parent.empty() && !element.has_attribute("data-phx-sticky"))
    out["url"] = browser_.settings().origin + path_;
  if (!v.flash.empty())
    out["flash"] = v.flash;
  return out;
}

void page_core::join(page_view& v) {
  v.join_ref = next_ref();
  v.now = page_view::state::joining;
  v.replies.clear();
  send(v, v.join_ref, "phx_join", join_payload(v));
}

void page_core::join_new_views() {
  auto fresh = std::vector<dom_node*>{};
  document_->each_element([&](dom_node& n) {
    if (is_view_element(n) && find_view(n.id()) == nullptr)
      fresh.push_back(&n);
  });
  for (auto* n : fresh) {
    auto v = std::make_unique<page_view>();
    v->id = n->id();
    if (!n->has_attribute("data-phx-sticky")) {
      v->parent = n->attribute("data-phx-parent-id");
      const auto* parent = find_view(v->parent);
      if (parent == nullptr || parent->now != page_view::state::joined)
        continue;
    }
    if (n->attribute("data-phx-session").empty())
      throw page_stuck{"the nested view " + n->path() + " has no session token in its parent's connected render"};
    views_.push_back(std::move(v));
    join(*views_.back());
  }
}

void page_core::drop_missing_views() {
  for (std::size_t i = 0; i < views_.size();) {
    if (views_[i]->is_main || document_->find_id(views_[i]->id) != nullptr) {
      ++i;
      continue;
    }
    leave(*views_[i]);
    views_.erase(views_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void page_core::destroy_children(const std::string& parent, bool tells) {
  auto children = std::vector<std::string>{};
  for (const auto& v : views_)
    if (v->parent == parent)
      children.push_back(v->id);
  for (const auto& id : children) {
    destroy_children(id, tells);
    if (auto* element = document_->find_id(id))
      element->set_attribute("data-phx-session", "");  // The next one comes with the parent's render.
    if (tells)
      leave(*find_view(id));
    std::erase_if(views_, [&](const auto& v) { return v->id == id; });
  }
}

void page_core::leave(page_view& v) {
  if (v.now == page_view::state::joined || v.now == page_view::state::joining)
    send(v, next_ref(), "phx_leave", json::object());
  v.now = page_view::state::closed;
}

// -- going elsewhere -------------------------------------------------------------------------------

void page_core::patch(const std::string& path) {
  check_live();
  auto main = std::ranges::find_if(views_, [](const auto& v) { return v->is_main; });
  if (main == views_.end())
    throw page_error{"no view of this page has a URL to patch"};
  const auto response = request(**main, "live_patch", {{"url", browser_.settings().origin + path}});
  if (response.contains("link_redirect"))
    return navigate(path);
  if (!departure_) {
    set_path(path);
    patches_.push_back(path_);
  }
}

void page_core::navigate(const std::string& path, std::string flash) {
  auto main = std::ranges::find_if(views_, [](const auto& v) { return v->is_main; });
  if (main == views_.end() || !is_open_) {
    set_flash_cookie(flash);
    return load("GET", path, {});
  }
  auto& v = **main;
  departure_.reset();
  v.referer = browser_.settings().origin + path_;
  leave(v);
  destroy_children(v.id, true);
  v.redirect = path.starts_with('/') ? browser_.settings().origin + path : path;
  v.flash = std::move(flash);
  v.mounts = 0;
  v.attempts = 0;
  v.refusal = nullptr;
  set_path(path);
  focused_ = nullptr;
  join(v);
  settle();
}

void page_core::follow() {
  settle();
  if (!departure_)
    throw page_error{"the page stays where it is, at " + path_ + ": there is no redirect to follow"};
  for (auto n = 0; departure_; ++n) {
    if (n == redirects_max)
      throw page_stuck{"redirected " + std::to_string(n) + " times in a row, at last to " + departure_->to};
    const auto next = *std::exchange(departure_, std::nullopt);
    if (next.how == page_departure::kind::navigate) {
      navigate(next.to, next.flash);
    } else {
      set_flash_cookie(next.flash);
      load(next.method, next.to, next.body);
      connect();
    }
  }
}

void page_core::set_flash_cookie(const std::string& token) {
  if (!token.empty())
    browser_.set_cookie("__phoenix_flash__", token);
}

void page_core::set_path(const std::string& url) {
  path_ = url.starts_with(browser_.settings().origin) ? url.substr(browser_.settings().origin.size()) : url;
}

void page_core::set_title(const page_view& v, bool is_join, bool is_told) {
  auto* title = first_named(*document_, "title");
  if (title == nullptr || (!is_told && !is_join))
    return;
  auto words = is_told ? v.model.title() : std::string{};
  if (words.find_first_not_of(" \t\r\n") == std::string::npos) {  // Told or not, an empty one is none.
    if (!title->has_attribute("data-default"))
      return;
    words = title->attribute("data-default");
  }
  auto text = std::string{title->attribute("data-prefix")} + words + std::string{title->attribute("data-suffix")};
  (void)title->take_children();
  title->append(std::make_unique<dom_node>(dom_node::kind::text, std::move(text)));
}

// -- looking ---------------------------------------------------------------------------------------

dom_node& page_core::body() const {
  auto* found = first_named(*document_, "body");
  return found == nullptr ? *document_ : *found;
}

std::string page_core::title() const {
  const auto* found = first_named(*document_, "title");
  return found == nullptr ? std::string{} : found->text();
}

page_view* page_core::find_view(std::string_view id) {
  const auto found = std::ranges::find_if(views_, [&](const auto& v) { return v->id == id; });
  return found == views_.end() ? nullptr : found->get();
}

page_view& page_core::view_of(dom_node& n) {
  const auto* element = n.closest(is_view_element);
  auto* v = element == nullptr ? nullptr : find_view(element->id());
  if (v == nullptr)
    throw page_error{n.path() + " is in no live view: nobody hears its events"};
  return *v;
}

dom_node& page_core::container_of(const page_view& v) {
  auto* element = document_->find_id(v.id);
  if (element == nullptr)
    throw page_error{"the element of view " + v.id + " is not in the page any more"};
  return *element;
}

void page_core::check_live() const {
  if (departure_)
    throw page_error{"the page is about to go to " + departure_->to + "; call follow_redirect() first"};
  if (!is_open_)
    throw page_error{
        "the page at " + path_ + " is not connected"
        + (close_code_ == 0 ? std::string{} : ", the server closed it with " + std::to_string(close_code_))};
}

void page_core::expect_crash(const std::function<void()>& what) {
  is_crash_expected_ = true;
  try {
    what();
    settle();
  } catch (...) {
    is_crash_expected_ = false;
    throw;
  }
  is_crash_expected_ = false;
  if (std::exchange(crashed_, {}).empty())
    throw page_error{"no view of this page has crashed:\n" + body().pretty()};
}

}  // namespace beamline::testing
