"""What the bot says: one file per thing a person can do, the same on every channel. ROUTES are tried in order."""

from __future__ import annotations

from bot.conversation.routing import OnKind, OnPayload, OnTopic, OnWords, Otherwise, Routes
from handlers import ask, interview, listing, media, payloads, person, places, privacy, stale, welcome

_START = frozenset(["start", "bat dau", "chao", "xin chao", "hello", "hi", "alo", "chao ban", "chao em", "chao ad", "xin chao ad"])
_MENU = frozenset(["menu", "trang chu", "ve menu", "ve dau", "lua chon"])
_HELP = frozenset(["help", "tro giup", "giup", "giup toi", "huong dan", "cach dung", "huong dan su dung"])
_STOP = frozenset(["stop", "dung", "dung lai", "thoi", "huy", "thoat", "cancel", "ket thuc"])
_BACK = frozenset(["quay lai", "tro lai", "lui", "back", "lui lai", "ve truoc", "cau truoc"])
_PERSON = frozenset(
    ["gap can bo", "can bo", "hoi can bo", "gap nguoi", "gap nhan vien", "noi chuyen voi nguoi that", "nguoi that", "cho gap can bo", "goi can bo"]
)
_PRIVACY = frozenset(["du lieu cua toi", "quyen rieng tu", "rieng tu", "privacy", "xoa du lieu", "xoa du lieu cua toi", "xem du lieu cua toi"])
_SCAM = frozenset(["lua dao", "gia danh", "bi lua", "ke gian", "canh bao lua dao"])
_MINE = frozenset(["danh sach", "danh sach cua toi", "giay to cua toi", "xem lai danh sach"])
_PLACES = frozenset(
    [
        "xa cu", "phuong cu", "thi tran cu", "tra xa", "tra phuong", "tra xa cu", "tra phuong cu", "tra xa phuong", "tim xa", "xa phuong cu",
        "sap nhap", "sap nhap xa", "sap nhap phuong", "xa sap nhap", "sap nhap xa phuong", "sap nhap tinh", "xa moi", "phuong moi", "xa phuong moi",
        "doi ten xa", "doi ten phuong", "tra cuu xa", "tra cuu xa phuong", "dia gioi", "dia gioi moi", "xa nao", "phuong nao",
    ]
)  # fmt: skip

ROUTES = Routes(
    routes=(
        OnPayload(payloads.Menu, welcome.menu),
        OnPayload(payloads.Ask, welcome.ask),
        OnPayload(payloads.AskAgain, ask.again),
        OnPayload(payloads.Open, interview.open_),
        OnPayload(payloads.Event, ask.event),
        OnPayload(payloads.Events, ask.events),
        OnPayload(payloads.Answer, interview.answer),
        OnPayload(payloads.Edit, interview.edit),
        OnPayload(payloads.Change, interview.change),
        OnPayload(payloads.Show, interview.show),
        OnPayload(payloads.Mine, listing.mine),
        OnPayload(payloads.Ticks, listing.ticks),
        OnPayload(payloads.Tick, listing.tick),
        OnPayload(payloads.Share, listing.share),
        OnPayload(payloads.Renew, interview.renew),
        OnPayload(payloads.Person, person.meet),
        OnPayload(payloads.Privacy, privacy.about),
        OnPayload(payloads.SeeMine, privacy.see),
        OnPayload(payloads.Forget, privacy.forget),
        OnPayload(payloads.KeepAll, privacy.keep_all),
        OnPayload(payloads.Scam, privacy.scam),
        OnPayload(payloads.Places, places.begin),
        OnPayload(payloads.Place, places.open_),
        OnWords(_START, welcome.start),
        OnWords(_MENU, welcome.menu),
        OnWords(_HELP, welcome.help_),
        OnWords(_STOP, welcome.stop),
        OnWords(_BACK, interview.back),
        OnWords(_PERSON, person.meet),
        OnWords(_PRIVACY, privacy.about),
        OnWords(_SCAM, privacy.scam),
        OnWords(_MINE, listing.mine),
        OnWords(_PLACES, places.begin),
        OnKind(frozenset(["start"]), welcome.start),
        OnKind(frozenset(["photo"]), media.photo),
        OnKind(frozenset(["file", "sticker", "voice", "location", "contact", "other"]), media.other),
        OnTopic(interview.TOPIC, ask.amid_interview),
        OnTopic(places.TOPIC, ask.amid_places),
        Otherwise(ask.ask),
    ),
    codec=payloads.CODEC,
    stale=stale.stale,
    many=listing.tick_several,
)
