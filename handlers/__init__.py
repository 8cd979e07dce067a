"""What the bot says: one file per thing a person can do, the same on every channel. ROUTES are tried in order."""

from __future__ import annotations

from bot.conversation.routing import OnFollowing, OnKind, OnPattern, OnPayload, OnTopic, OnWords, Otherwise, Routes
from handlers import (
    appointments,
    ask,
    booking,
    center,
    consent,
    digests,
    dossiers,
    feedback,
    hamlet,
    in_group,
    interview,
    linking,
    listing,
    media,
    notices,
    payloads,
    person,
    places,
    practice,
    privacy,
    question_files,
    questions,
    staff,
    stale,
    starting,
    statistics,
    times,
    welcome,
)

_START = frozenset(["start", "bat dau", "chao", "xin chao", "hello", "hi", "alo", "chao ban", "chao em", "chao ad", "xin chao ad"])
_MENU = frozenset(["menu", "trang chu", "ve menu", "ve dau", "lua chon"])
_HELP = frozenset(["help", "tro giup", "giup", "giup toi", "huong dan", "cach dung", "huong dan su dung"])
_STOP = frozenset(["stop", "dung", "dung lai", "thoi", "huy", "thoat", "cancel", "ket thuc"])
_BACK = frozenset(["quay lai", "tro lai", "lui", "back", "lui lai", "ve truoc", "cau truoc"])
_PERSON = frozenset(
    ["gap can bo", "can bo", "hoi can bo", "gap nguoi", "gap nhan vien", "noi chuyen voi nguoi that", "nguoi that", "cho gap can bo", "goi can bo"]
)
_WHERE = frozenset(
    [
        "gio lam viec", "gio mo cua", "may gio mo cua", "may gio dong cua", "lich lam viec", "dia chi", "dia chi o dau", "trung tam o dau", "o dau",
        "duong di", "ban do", "so dien thoai", "hom nay co lam khong", "thu bay co lam khong", "thu 7 co lam khong", "hom nay co mo cua khong",
    ]
)  # fmt: skip
_PRIVACY = frozenset(["du lieu cua toi", "quyen rieng tu", "rieng tu", "privacy", "xoa du lieu", "xoa du lieu cua toi", "xem du lieu cua toi"])
_SCAM = frozenset(["lua dao", "gia danh", "bi lua", "ke gian", "canh bao lua dao"])
_MINE = frozenset(["danh sach", "danh sach cua toi", "giay to cua toi", "xem lai danh sach"])
_BOOK = frozenset(
    ["dat lich", "dat hen", "dat lich hen", "hen gio", "lay so", "lay so thu tu", "dat cho", "xin hen", "dat lich truoc", "dat lich nop ho so"]
)
_VISITS = frozenset(
    ["lich hen", "lich hen cua toi", "lich cua toi", "xem lich hen", "so cua toi", "huy lich", "huy lich hen", "doi lich", "doi lich hen"]
)
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
        OnPayload(payloads.Book, booking.begin),
        OnPayload(payloads.BookAt, times.at),
        OnPayload(payloads.BookAnyway, booking.anyway),
        OnPayload(payloads.BookWhom, times.whom),
        OnPayload(payloads.BookFor, times.for_),
        OnPayload(payloads.Days, times.days),
        OnPayload(payloads.Day, times.day),
        OnPayload(payloads.Slot, booking.slot),
        OnPayload(payloads.Confirm, booking.confirm),
        OnPayload(payloads.Queue, booking.queue),
        OnPayload(payloads.Move, booking.move),
        OnPayload(payloads.Visits, appointments.mine),
        OnPayload(payloads.Visit, appointments.show),
        OnPayload(payloads.Cancel, appointments.cancel),
        OnPayload(payloads.Late, appointments.late),
        OnPayload(payloads.LeaveQueue, appointments.leave_queue),
        OnPayload(payloads.SignIn, staff.sign_in),
        OnPayload(payloads.News, consent.begin),
        OnPayload(payloads.NewsYes, consent.agree),
        OnPayload(payloads.NewsNo, consent.decline),
        OnPayload(payloads.NewsWhere, consent.where),
        OnPayload(payloads.NewsArea, consent.area),
        OnPayload(payloads.NewsStop, consent.stop),
        OnPayload(payloads.NoticesAt, notices.begin),
        OnPayload(payloads.NoticeNew, notices.new),
        OnPayload(payloads.NoticeOpen, notices.open_),
        OnPayload(payloads.NoticeEdit, notices.edit),
        OnPayload(payloads.NoticeDo, notices.do),
        OnPayload(payloads.RateVisit, feedback.begin),
        OnPayload(payloads.RateFactor, feedback.factor),
        OnPayload(payloads.RatePaper, feedback.paper),
        OnPayload(payloads.RateStep, feedback.step),
        OnPayload(payloads.Survey, feedback.survey),
        OnPayload(payloads.AskStaff, questions.begin),
        OnPayload(payloads.SendQuestion, questions.send),
        OnPayload(payloads.RewriteQuestion, questions.rewrite),
        OnPayload(payloads.AskMore, questions.more),
        OnPayload(payloads.EndQuestion, questions.end),
        OnPayload(payloads.RateAnswer, questions.rate),
        OnPayload(payloads.SendFile, question_files.send),
        OnFollowing(questions.follow),
        OnPayload(payloads.Practise, practice.begin),
        OnPayload(payloads.Picked, practice.pick),
        OnPayload(payloads.Practised, practice.done),
        OnPayload(payloads.Link, linking.begin),
        OnPayload(payloads.LinkYes, linking.agree),
        OnPayload(payloads.LinkNo, linking.decline),
        OnPayload(payloads.Unlink, linking.apart),
        OnPayload(payloads.Dossiers, dossiers.begin),
        OnPayload(payloads.FollowDossier, dossiers.follow),
        OnWords(_START, welcome.start),
        OnWords(_MENU, welcome.menu),
        OnWords(_HELP, welcome.help_),
        OnWords(_STOP, consent.stop_word),
        OnWords(consent.OFF, consent.stop),
        OnWords(consent.ON, consent.begin),
        OnWords(notices.WORDS, notices.begin),
        OnWords(_BACK, interview.back),
        OnWords(_PERSON, person.meet),
        OnWords(_WHERE, person.meet),
        OnWords(_PRIVACY, privacy.about),
        OnWords(_SCAM, privacy.scam),
        OnWords(_MINE, listing.mine),
        OnWords(_BOOK, booking.begin),
        OnWords(_VISITS, appointments.mine),
        OnWords(_PLACES, places.begin),
        OnWords(staff.WORDS, staff.sign_in),
        OnWords(digests.WORDS, digests.show),
        OnWords(practice.WORDS, practice.begin),
        OnWords(linking.WORDS, linking.begin),
        OnWords(linking.APART, linking.apart),
        OnWords(dossiers.WORDS, dossiers.begin),
        OnPattern(statistics.PATTERN, statistics.show),
        OnPattern(staff.CODE, staff.connect),
        OnPattern(linking.CODE, linking.typed),
        OnPattern(dossiers.CODE, dossiers.by_code),
        OnKind(frozenset(["start"]), starting.start),
        OnKind(frozenset(["photo"]), media.photo),
        OnKind(frozenset(["location"]), center.near),
        OnKind(frozenset(["file", "sticker", "voice", "contact", "other"]), media.other),
        OnTopic(interview.TOPIC, ask.amid_interview),
        OnTopic(questions.TOPIC, questions.typed),
        OnTopic(feedback.TOPIC, feedback.typed),
        OnTopic(consent.TOPIC, hamlet.typed),
        OnTopic(notices.TOPIC, notices.typed),
        OnTopic(dossiers.TOPIC, dossiers.typed),
        OnTopic(places.TOPIC, ask.amid_places),
        OnTopic(times.TOPIC, ask.amid_booking),
        Otherwise(ask.ask),
    ),
    codec=payloads.CODEC,
    stale=stale.stale,
    many=practice.several,
    in_group=in_group.answer,
)
